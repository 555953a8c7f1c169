"""PURE  Whether a request that changes something came from our own pages.

Browsers say so in Sec-Fetch-Site, older ones in Origin. A body type that a plain form cannot send and a header of our
own are the second lock; a plain HTML form carries a token instead, which its page checks.
"""

from collections.abc import Mapping

from omna.errors import CrossSiteRequest

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER = "x-omna-request"


def require_same_origin(headers: Mapping[str, str], origin: str) -> None:
    """Errors: CrossSiteRequest. headers: lower-case names; origin: as browsers write it."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise CrossSiteRequest
    elif headers.get("origin", "") != origin:
        raise CrossSiteRequest


def require_script(headers: Mapping[str, str]) -> None:
    """Refuse what a plain form of another page could have sent. Errors: CrossSiteRequest."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if headers.get(HEADER) != "1" or media_type not in ("application/json", "multipart/form-data"):
        raise CrossSiteRequest(
            f"Requests that change something need `content-type: application/json` and the header `{HEADER}: 1`."
        )
