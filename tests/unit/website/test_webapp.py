"""The page of the web app and its files, without a database."""

import gzip
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from omna.config import Server, Settings
from omna.http.principal import Person
from omna.ids import SessionId, UserId, new_id
from omna.website import visitor, webapp
from omna.website.site import Site

PAGE = (
    '<!doctype html>\n<html lang="en">\n<head><meta property="csp-nonce" nonce="__NONCE__">'
    '<script type="module" src="/app/assets/main-1.js" nonce="__NONCE__"></script></head><body></body></html>'
)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    assets = tmp_path / "app" / "assets"
    assets.mkdir(parents=True)
    (assets.parent / "index.html").write_text(PAGE, "utf-8")
    (assets.parent / "diagram.html").write_text("<title>Diagram</title>", "utf-8")
    (assets / "main-1.js").write_bytes(b"script")
    (assets / "main-1.js.gz").write_bytes(gzip.compress(b"script"))
    (assets / "font-1.woff2").write_bytes(b"font")
    return assets.parent


def client(built: Path, url: str = "http://localhost:5108") -> TestClient:
    site = Site(Settings(data=built, server=Server(public_url=url)))
    return TestClient(Starlette(routes=webapp.routes(site, built)), base_url=url, follow_redirects=False)


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    async def somebody(visit: object) -> object:
        return object()

    monkeypatch.setattr(visitor, "signed_in", somebody)


def test_stranger_is_sent_to_sign_in_and_back(built: Path) -> None:
    answer = client(built).get("/app/w/ws_1/keys?create=1")
    assert answer.status_code == 302
    assert answer.headers["location"] == "/sign-in?next=%2Fapp%2Fw%2Fws_1%2Fkeys%3Fcreate%3D1"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), (None, 404), ("cook", 404)])
def test_console_is_there_for_staff_alone(
    built: Path, monkeypatch: pytest.MonkeyPatch, role: str | None, status: int
) -> None:
    async def somebody(visit: object) -> Person:
        return Person(UserId(new_id()), SessionId(new_id()), "192.0.2.1", True, role)

    assert client(built).get("/console/recharges").headers["location"] == "/sign-in?next=%2Fconsole%2Frecharges"
    monkeypatch.setattr(visitor, "signed_in", somebody)
    for path in ("/console", "/console/recharges/rch_1"):
        answer = client(built).get(path)
        assert answer.status_code == status
        assert ("main-1.js" in answer.text) is (status == 200)


@pytest.mark.usefixtures("signed_in")
def test_every_page_has_a_nonce_of_its_own(built: Path) -> None:
    browser = client(built)
    nonces = set()
    for path in ("/app", "/app/", "/app/w/ws_1/models", "/app/assets"):
        answer = browser.get(path)
        assert answer.status_code == 200
        found = set(re.findall(r'nonce="([^"]+)"', answer.text))
        assert len(found) == 1
        assert f"'nonce-{next(iter(found))}'" in answer.headers["content-security-policy"]
        assert answer.headers["content-security-policy"].endswith("; frame-src 'self'")
        assert answer.headers["cache-control"] == "no-store"
        nonces |= found
    assert len(nonces) == 4


@pytest.mark.usefixtures("signed_in")
def test_page_begins_in_the_language_and_colours_that_were_chosen(built: Path) -> None:
    browser = client(built)
    assert '<html lang="en" data-theme="system" data-secure="false">' in browser.get("/app").text
    browser.cookies.set("omna_language", "zh")
    browser.cookies.set("omna_theme", "dark")
    expected = '<html lang="zh-Hans" data-theme="dark" data-secure="false" data-mantine-color-scheme="dark">'
    assert expected in browser.get("/app").text
    browser.cookies.set("omna_theme", '"><script>')
    assert "<script>" not in browser.get("/app").text


@pytest.mark.usefixtures("signed_in")
def test_missing_build_is_said_plainly(tmp_path: Path) -> None:
    answer = client(tmp_path / "nothing").get("/app/w/ws_1")
    assert answer.status_code == 503
    assert "make up" in answer.text


def test_diagrams_are_drawn_without_origin_or_network(built: Path) -> None:
    answer = client(built).get("/app/diagram")
    assert answer.text == "<title>Diagram</title>"
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy == {
        "sandbox": "allow-scripts",
        "default-src": "'none'",
        "script-src": "http://localhost:5108/app/assets/",
        "style-src": "http://localhost:5108/app/assets/ 'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
    }
    # Its scripts are modules, which a page without an origin loads from another one.
    assert client(built).get("/app/assets/main-1.js").headers["access-control-allow-origin"] == "*"
    assert client(built / "nothing").get("/app/diagram").status_code == 503


def test_files_are_kept_for_ever_and_compressed(built: Path) -> None:
    browser = client(built)
    for encoding, expected in (("gzip, deflate", "gzip"), ("identity", None), ("br", None)):
        answer = browser.get("/app/assets/main-1.js", headers={"accept-encoding": encoding})
        assert answer.headers.get("content-encoding") == expected
        assert answer.content == b"script"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "accept-encoding"
    assert browser.get("/app/assets/font-1.woff2").headers["content-type"] == "font/woff2"


@pytest.mark.parametrize("name", ["none.js", "main-1.js.gz", "..%2Findex.html", "%2e%2e/index.html"])
def test_nothing_else_is_a_file(built: Path, name: str) -> None:
    answer = client(built).get(f"/app/assets/{name}")
    assert answer.status_code in (302, 404)
    assert "nonce" not in answer.text
