"""A request that changes something comes from our own pages, or not at all."""

import pytest

from omna.errors import CrossSiteRequest
from omna.http.csrf import require_same_origin, require_script

ORIGIN = "https://omna.example.com"


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "same-origin"}, {"origin": ORIGIN}, {"sec-fetch-site": "same-origin", "origin": "null"}],
)
def test_our_own_pages_pass(headers: dict[str, str]) -> None:
    require_same_origin(headers, ORIGIN)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site", "origin": ORIGIN},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://omna.example.com.evil.example"},
        {"origin": "null"},
    ],
)
def test_others_do_not(headers: dict[str, str]) -> None:
    with pytest.raises(CrossSiteRequest):
        require_same_origin(headers, ORIGIN)


@pytest.mark.parametrize(
    "media_type", ["application/json", "application/json; charset=utf-8", "multipart/form-data; boundary=x"]
)
def test_a_script_says_that_it_is_one(media_type: str) -> None:
    require_script({"x-omna-request": "1", "content-type": media_type})


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json"},
        {"x-omna-request": "1"},
        {"x-omna-request": "1", "content-type": "text/plain"},
        {"x-omna-request": "1", "content-type": "application/x-www-form-urlencoded"},
    ],
)
def test_a_form_cannot_pretend(headers: dict[str, str]) -> None:
    with pytest.raises(CrossSiteRequest):
        require_script(headers)
