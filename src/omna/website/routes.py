"""The routes of the public pages."""

import hashlib
from pathlib import Path

import jinja2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omna.config import Settings

HERE = Path(__file__).parent

_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

#: Stricter than the web app's policy: there is no script, so none may run, and nothing may be fetched.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'none'; connect-src 'none'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}


def routes(settings: Settings) -> list[Route]:
    """Return the public pages and their styles. Everything is rendered here, so a request only copies bytes.

    settings    `server.public_url` stands in the samples
    """
    security = dict(_HEADERS)
    if settings.server.public_url.startswith("https://"):
        security["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    files = {path.name: path.read_bytes() for path in sorted((HERE / "static").iterdir())}
    # A changed file has a new address, so the old one may be kept for ever.
    addresses = {name: f"/static/{name}?v={hashlib.sha256(body).hexdigest()[:12]}" for name, body in files.items()}
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    landing = templates.get_template("landing.html").render(
        base_url=settings.server.public_url.rstrip("/"), static=addresses
    )
    return [
        _route("/", landing.encode(), "text/html; charset=utf-8", {**security, "cache-control": "no-cache"}),
        *(
            _route(
                f"/static/{name}",
                body,
                _TYPES[Path(name).suffix],
                {**security, "cache-control": "public, max-age=31536000, immutable"},
            )
            for name, body in files.items()
        ),
    ]


def _route(path: str, body: bytes, media_type: str, headers: dict[str, str]) -> Route:
    async def answer(request: Request) -> Response:
        # HEAD states the length of what GET would send.
        return Response(
            body if request.method == "GET" else b"",
            media_type=media_type,
            headers={**headers, "content-length": str(len(body))},
        )

    return Route(path, answer, methods=["GET", "HEAD"])
