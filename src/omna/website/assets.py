"""The files of the pages: styles, scripts, the mark, and where fonts are. Read once; a request only copies bytes."""

import functools
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omna.website import fonts
from omna.website.files import FOR_EVER, TYPES, File, pack, respond

HERE = Path(__file__).parent
#: What `make` built from web/.
BUILT = HERE / "app"


class Assets:
    """What stands under /static. `addresses` gives the address of a name, `fonts` those of the fonts by family."""

    def __init__(self, headers: Mapping[str, str], built: Path = BUILT) -> None:
        folder = built / "assets"
        self.fonts = fonts.addresses(path.name for path in sorted(folder.iterdir())) if folder.is_dir() else {}
        bodies = {path.name: path.read_bytes() for path in sorted((HERE / "static").iterdir())}
        bodies["site.css"] = fonts.style(self.fonts).encode() + bodies["site.css"]
        self._files = {name: _packed(body, TYPES[Path(name).suffix]) for name, body in bodies.items()}
        # A changed file has a new address, so the old one may be kept for ever.
        self.addresses = {name: f"/static/{name}?v={file.digest}" for name, file in self._files.items()}
        self._headers = {**headers, "cache-control": FOR_EVER}

    def routes(self) -> list[Route]:
        return [file_route(f"/static/{name}", file, self._headers) for name, file in self._files.items()]


def file_route(path: str, file: File, headers: Mapping[str, str]) -> Route:
    """Return a route that always answers the same."""

    async def answer(request: Request) -> Response:
        return respond(request, file, headers)

    return Route(path, answer, methods=["GET", "HEAD"])


@functools.cache
def _packed(body: bytes, media_type: str) -> File:
    # The best compression is slow, and one process may make more than one site.
    return pack(body, media_type)
