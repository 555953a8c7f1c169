"""One request for a page: who asks, in which language, what they sent, and how they are answered."""

import math
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from omna.accounts.policy import SignUpMode
from omna.errors import OmnaError
from omna.http.csrf import require_same_origin
from omna.http.headers import content_security_policy
from omna.http.origin import client_address
from omna.ids import new_id, show
from omna.website import forms
from omna.website.files import pack_for, respond
from omna.website.forms import Problem
from omna.website.languages import TAGS, choose_language, choose_theme
from omna.website.messages import explain
from omna.website.notices import Notice
from omna.website.site import Site

#: Stricter than that of pages with forms: no nonce and no style attribute, so a page is the same for everybody.
PUBLISHED_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Visit:
    """Handed to every page. `fields` is the form that was sent, `problems` what is wrong with it."""

    def __init__(self, site: Site, request: Request) -> None:
        self.site = site
        self.request = request
        self.request_id = show("req", new_id())
        self.language = choose_language(
            self.cookie("language"), request.headers.get("accept-language", ""), self.query("lang")
        )
        self.theme = choose_theme(self.cookie("theme"))
        self.t = site.texts[self.language]
        peer = request.client.host if request.client else ""
        self.origin = client_address(peer, request.headers.getlist("x-forwarded-for"), site.trusted)
        self.fields: Mapping[str, str] = {}
        self.problems: list[Problem] = []
        #: What every page says on top.
        self.notices: tuple[Notice, ...] = ()
        #: Who may make an account, as far as pages invite strangers to.
        self.sign_up: SignUpMode = site.settings.accounts.sign_up
        #: Where the footer's choices come back to, and "try again" leads: the page without a language of its own.
        self.here = _without_language(request)
        #: Set-Cookie headers of the answer.
        self.set_cookies: list[str] = []
        self._secret: str | None = None

    def cookie(self, purpose: str) -> str | None:
        return self.request.cookies.get(self.site.cookies.name(purpose))

    def set_cookie(self, purpose: str, value: str, *, max_age: int | None, http_only: bool = True) -> None:
        self.set_cookies.append(self.site.cookies.header(purpose, value, max_age=max_age, http_only=http_only))

    def query(self, name: str) -> str:
        return self.request.query_params.get(name, "")

    def field(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    async def read(self) -> None:
        """Read the form that was sent.

        Errors  CrossSiteRequest when another site sent it, InvalidValue, RequestTooLarge, RequestTimeout
        """
        require_same_origin(self.request.headers, self.site.cookies.origin)
        self.fields = await forms.read_form(self.request)

    def belongs(self) -> bool:
        """Return whether the form came from a page that we gave this browser; when not, say so on the form."""
        try:
            forms.require_token(self.fields, self.cookie("form"))
        except OmnaError as error:
            self.refuse(error)
            return False
        return True

    def form_token(self) -> str:
        """Return what a form of this page carries; only pages that have a form give the browser its cookie."""
        self._secret = self._secret or self.cookie("form") or forms.new_secret()
        # Set again with each page, so that a form stays good as long as its page is used.
        self.set_cookie("form", self._secret, max_age=forms.COOKIE_SECONDS)
        return forms.token_of(self._secret)

    def refuse(self, error: OmnaError) -> None:
        """Note what a service said about the form."""
        self.problems.append(Problem(error.param, explain(self.t, error)))

    def complain(self, field: str | None, key: str, **values: object) -> None:
        """Note what is wrong with a field, in the words of a text."""
        self.problems.append(Problem(field, self.t(key, **values)))

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Answer with a page, never to be stored."""
        nonce = secrets.token_urlsafe(16)
        html = self.site.render(
            template,
            language=self.language,
            theme=self.theme,
            here=self.here,
            notices=self.notices,
            visit=self,
            canonical=None,
            fields=self.fields,
            problems=self.problems,
            nonce=nonce,
            **values,
        )
        headers = {
            **self.site.headers,
            "content-security-policy": content_security_policy(nonce),
            "cache-control": "no-store",
            "x-request-id": self.request_id,
        }
        response = Response(html, status, headers, media_type="text/html; charset=utf-8")
        return self._with_cookies(response)

    def publish(
        self, template: str, *, status: int = 200, media_type: str = "text/html; charset=utf-8", **values: Any
    ) -> Response:
        """Answer with a page that is the same for everybody who reads its language: no form token, no nonce."""
        public_url = self.site.public_url
        path = self.request.url.path
        text = self.site.render(
            template,
            language=self.language,
            theme=self.theme,
            here=self.here,
            notices=self.notices,
            visit=self,
            canonical=f"{public_url}{path}" + (f"?lang={self.language}" if self.query("lang") else ""),
            alternates={tag: f"{public_url}{path}?lang={code}" for code, tag in TAGS.items()},
            **values,
        )
        file = pack_for(self.request, text.encode(), media_type)
        # Weak: the same page, however it is compressed.
        etag = f'W/"{file.digest}"'
        headers = {
            **self.site.headers,
            "content-security-policy": PUBLISHED_POLICY,
            "cache-control": "no-cache",
            "vary": "accept-language, cookie, accept-encoding",
            "etag": etag,
        }
        if status != 200:
            headers["cache-control"] = "no-store"
        elif self.request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return respond(self.request, file, headers, status)

    def refused(self, error: OmnaError, form: Callable[[int], Response]) -> Response:
        """Answer with the form again and what a service said about it; what is not about the form is raised."""
        if error.status not in (400, 401, 403, 409, 429):
            raise error
        self.refuse(error)
        return _with_wait(form(error.status), error)

    def go(self, path: str) -> Response:
        """Send the browser to a page of ours after something was done."""
        response = Response(
            status_code=303,
            headers={
                **self.site.headers, "location": path, "cache-control": "no-store", "x-request-id": self.request_id
            },
        )  # fmt: skip
        return self._with_cookies(response)

    def fail(self, error: OmnaError) -> Response:
        """Answer with a page that says what happened and what to do."""
        return _with_wait(
            self.page("failure.html", error.status, message=explain(self.t, error), again=error.status != 404), error
        )

    def _with_cookies(self, response: Response) -> Response:
        for cookie in _last_of_each(self.set_cookies):
            response.headers.append("set-cookie", cookie)
        return response


def _with_wait(response: Response, error: OmnaError) -> Response:
    if error.retry_after is not None:
        response.headers["retry-after"] = str(max(1, math.ceil(error.retry_after)))
    return response


def _without_language(request: Request) -> str:
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    query = request.url.query if "lang" not in request.query_params else urlencode(pairs)
    return request.url.path + (f"?{query}" if query else "")


def _last_of_each(cookies: Iterable[str]) -> list[str]:
    return list({cookie.partition("=")[0]: cookie for cookie in cookies}.values())
