"""Cookies follow the public URL."""

import pytest

from omna.config import ConfigError, Server
from omna.http.cookies import cookie_jar


def test_https_gets_the_prefix_that_binds_a_cookie_to_this_host() -> None:
    jar = cookie_jar(Server(public_url="https://omna.example.com"))
    assert jar.session == "__Host-omna_session"
    assert jar.header("session", "x", max_age=60) == (
        "__Host-omna_session=x; Path=/; SameSite=Lax; Max-Age=60; HttpOnly; Secure"
    )


@pytest.mark.parametrize(
    "url", ["http://localhost:5108", "http://127.0.0.1:1", "http://[::1]:5108", "http://a.localhost"]
)
def test_this_machine_may_use_http_without_secure(url: str) -> None:
    jar = cookie_jar(Server(public_url=url))
    assert jar.session == "omna_session"
    assert "Secure" not in jar.header("session", "x", max_age=None)


@pytest.mark.parametrize(
    "url", ["http://omna.example.com", "http://10.0.0.1", "ftp://localhost", "localhost", "https://a/b"]
)
def test_an_address_that_would_leak_sessions_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        cookie_jar(Server(public_url=url))


def test_plain_http_elsewhere_has_to_be_asked_for() -> None:
    assert not cookie_jar(Server(public_url="http://omna.lan", allow_http=True)).secure
