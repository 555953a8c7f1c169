"""The landing page: rendered when the process starts, so that a request only copies bytes, but for notices on top."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omna.website import openness
from omna.website.assets import bytes_response
from omna.website.languages import LANGUAGES, THEMES, choose_language, choose_theme
from omna.website.site import Site

#: Stricter than the policy of other pages: there is no script, so none may run, and nothing may be fetched.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'none'; connect-src 'none'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def routes(site: Site) -> list[Route]:
    pages = {
        (language, theme, closed): site.render(
            "landing.html", language=language, theme=theme, here="/", closed=closed
        ).encode()
        for language in LANGUAGES
        for theme in THEMES
        for closed in (False, True)
    }
    by_invitation = openness.remembered(site.settings.accounts)
    headers = {
        **site.headers,
        "content-security-policy": _POLICY,
        "cache-control": "no-cache",
        "vary": "accept-language, cookie",
    }

    async def answer(request: Request) -> Response:
        def cookie(purpose: str) -> str | None:
            return request.cookies.get(site.cookies.name(purpose))

        language = choose_language(cookie("language"), request.headers.get("accept-language", ""))
        theme, closed, notices = (
            choose_theme(cookie("theme")),
            await by_invitation(request),
            await site.notices(request),
        )
        body = pages[language, theme, closed]
        if notices:
            body = site.render(
                "landing.html", language=language, theme=theme, here="/", notices=notices, closed=closed
            ).encode()
        return bytes_response(request, body, "text/html; charset=utf-8", headers)

    return [Route("/", answer, methods=["GET", "HEAD"])]
