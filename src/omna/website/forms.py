"""HTML forms: read within bounds, and bound to the page they came from."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request

from omna.errors import CrossSiteRequest, InvalidValue
from omna.http.body import read_body

LIMIT_BYTES = 64 << 10
TIMEOUT_SECONDS = 20.0
#: How long a page with a form may stay open.
COOKIE_SECONDS = 4 * 3600

_MOST_FIELDS = 40
_TOKEN = "form_token"  # noqa: S105 - the name of a field


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a form; `field` is the id of the input, or None when no single one is to blame."""

    field: str | None
    message: str


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form that was sent.

    Errors  InvalidValue, RequestTooLarge, RequestTimeout
    """
    if "content-type" not in request.headers and request.headers.get("content-length", "0") == "0":
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise InvalidValue("This address takes HTML forms.")
    body = await read_body(request.receive, request.scope["headers"], limit=LIMIT_BYTES, timeout=TIMEOUT_SECONDS)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise InvalidValue("The form cannot be read.") from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        if "\x00" in value:
            raise InvalidValue("The form cannot be read.")
        fields.setdefault(name, value)
    return fields


def new_secret() -> str:
    """Return the value of a form cookie."""
    return secrets.token_urlsafe(32)


def token_of(secret: str) -> str:
    """Return what a page writes into its forms: only who was given the cookie could know it."""
    digest = hashlib.sha256(b"omna form v1\x00" + secret.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def require_token(fields: Mapping[str, str], secret: str | None) -> None:
    """Errors: CrossSiteRequest when the form does not belong to the cookie, or came without one."""
    token = fields.get(_TOKEN, "")
    if not secret or not hmac.compare_digest(token.encode(), token_of(secret).encode()):
        raise CrossSiteRequest
