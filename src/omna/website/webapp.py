"""The web app: one page for everything under /app and, for staff, under /console; its files; and the page in which a
diagram is drawn. What is built by `make up` is read once, here.
"""

import html
import secrets
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from omna.errors import UnknownUrl
from omna.http.headers import content_security_policy, frame_policy
from omna.website import visitor
from omna.website.assets import BUILT
from omna.website.files import FOR_EVER, read_files, respond
from omna.website.languages import TAGS
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit

_NONCE = "__NONCE__"
_ROOT = '<html lang="en">'

_NOT_BUILT = (
    "The web app is not built: this server has no files for /app.\n\n"
    "`make up` builds it; so does `python -m tools.web build` in a checkout. It takes about a minute and needs access\n"
    "to a package index. Signing in, /v1 and /api work without it.\n"
)


def routes(site: Site, built: Path = BUILT) -> list[Route]:
    """Return what stands under /app and /console. Whoever is not signed in is sent to sign in, and back afterwards; of
    those who are, only staff find something under /console.

    built       folder of the build; without one every page is a 503 that says so
    """
    source = built / "index.html"
    template = source.read_text("utf-8") if source.is_file() else None
    files = read_files(built / "assets")
    drawing = built / "diagram.html"
    diagram_page = drawing.read_text("utf-8") if drawing.is_file() else None

    async def show(visit: Visit) -> Response:
        if await visitor.signed_in(visit) is None:
            return _to_sign_in(visit)
        return shell(visit)

    async def show_console(visit: Visit) -> Response:
        person = await visitor.signed_in(visit)
        if person is None:
            return _to_sign_in(visit)
        if not person.staff_rights:
            visit.here = "/"
            return visit.fail(UnknownUrl())
        return shell(visit)

    def shell(visit: Visit) -> Response:
        if template is None:
            return PlainTextResponse(_NOT_BUILT, 503, {**site.headers, "cache-control": "no-store"})
        nonce = secrets.token_urlsafe(16)
        return Response(
            _shell(template, visit, nonce),
            headers={
                **site.headers,
                "content-security-policy": content_security_policy(nonce, frames=True),
                "cache-control": "no-store",
                "x-request-id": visit.request_id,
            },
            media_type="text/html; charset=utf-8",
        )

    async def asset(request: Request) -> Response:
        file = files.get(request.path_params["name"])
        if file is None:
            return PlainTextResponse("There is no such file.\n", 404, {**site.headers, "cache-control": "no-store"})
        # For everybody: the page of a diagram has no origin, to which its modules would be its own.
        return respond(request, file, {**site.headers, "cache-control": FOR_EVER, "access-control-allow-origin": "*"})

    async def diagram(request: Request) -> Response:
        if diagram_page is None:
            return PlainTextResponse(_NOT_BUILT, 503, {**site.headers, "cache-control": "no-store"})
        # It is shown in a frame without an origin, for which 'self' would be nothing.
        policy = frame_policy(f"{site.settings.server.public_url.rstrip('/')}/app/assets/")
        return Response(
            diagram_page,
            headers={**site.headers, "content-security-policy": policy, "cache-control": "no-store"},
            media_type="text/html; charset=utf-8",
        )

    return [
        Route("/app/diagram", diagram, methods=["GET", "HEAD"]),
        Route("/app/assets/{name}", asset, methods=["GET", "HEAD"]),
        page(site, "/app", show=show),
        page(site, "/app/{path:path}", show=show),
        page(site, "/console", show=show_console),
        page(site, "/console/{path:path}", show=show_console),
    ]


def _shell(template: str, visit: Visit, nonce: str) -> str:
    """Return the page with what has to be right before the first script runs: language, colours, nonce."""
    attributes = {
        "lang": TAGS[visit.language],
        "data-theme": visit.theme,
        "data-secure": "true" if visit.site.cookies.secure else "false",
    }
    if visit.theme != "system":
        attributes["data-mantine-color-scheme"] = visit.theme
    root = "<html " + " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items()) + ">"
    return template.replace(_ROOT, root, 1).replace(_NONCE, nonce)


def _to_sign_in(visit: Visit) -> Response:
    url = visit.request.url
    here = quote(url.path + (f"?{url.query}" if url.query else ""), safe="")
    return _see(visit.site, f"/sign-in?next={here}")


def _see(site: Site, address: str) -> Response:
    return Response(status_code=302, headers={**site.headers, "location": address, "cache-control": "no-store"})
