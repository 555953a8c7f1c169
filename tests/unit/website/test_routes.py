"""The public page needs nothing: no database, no script, nobody else's server."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.types import Message

from omna.config import Accounts, ConfigError, Server, Settings
from omna.website import fonts
from omna.website.assets import BUILT, Assets
from omna.website.routes import routes
from omna.website.site import HERE


async def call(
    path: str,
    method: str = "GET",
    public_url: str = "http://localhost:5108",
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    **accounts: str,
) -> tuple[int, dict[str, str], bytes]:
    settings = Settings(
        data=Path("/nowhere"),
        server=Server(public_url=public_url),
        accounts=Accounts(**accounts),  # type: ignore[arg-type]
    )
    target, _, query = path.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": target,
        "raw_path": target.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "scheme": "http",
        "server": ("127.0.0.1", 5108),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await Starlette(routes=routes(settings))(scope, receive, send)
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, b"".join(message.get("body", b"") for message in sent[1:])


class Page(HTMLParser):
    """What a page refers to, and what it is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in {"href", "src"} and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids.append(value)


async def landing() -> Page:
    return Page((await call("/"))[2].decode())


async def test_head_states_what_get_would_send() -> None:
    status, headers, body = await call("/")
    head_status, head_headers, head_body = await call("/", "HEAD")
    assert status == head_status == 200
    assert headers == head_headers
    assert int(headers["content-length"]) == len(body) > 0
    assert head_body == b""


async def test_page_has_no_inline_script_or_style_and_one_heading() -> None:
    page = await landing()
    assert not {"style", "iframe"} & set(page.tags)
    # The scripts that there are come from us, as files.
    assert page.tags.count("script") == len([link for link in page.links if link.startswith("/static/copy.js")]) == 1
    assert page.tags.count("form") == 1  # language and colours; without a catalogue there is nothing to work out
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    assert page.tags.count("h1") == 1
    assert page.tags.count("main") == 1


async def test_page_asks_nobody_else_and_every_link_resolves() -> None:
    page = await landing()
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
        elif link.startswith("http"):
            assert link.startswith("http://localhost:5108/"), link
        elif link not in {"/", "/sign-in", "/sign-up", "/models", "/models.rss"} and not link.startswith("/app/"):
            status, headers, body = await call(link.partition("#")[0])
            assert status == 200, link
            assert body
            if link.startswith("/static/"):
                assert "immutable" in headers["cache-control"]


async def test_policy_forbids_inline_scripts_framing_and_foreign_hosts() -> None:
    _, headers, _ = await call("/")
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert set(policy.values()) <= {"'none'", "'self'"}
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


@pytest.mark.parametrize(("url", "secure"), [("https://ai.example.com/", True), ("http://localhost:5108", False)])
async def test_samples_name_the_public_address_and_https_is_pinned(url: str, secure: bool) -> None:
    _, headers, body = await call("/", public_url=url)
    assert f"curl {url.rstrip('/')}/v1/chat/completions" in body.decode()
    assert ("strict-transport-security" in headers) is secure


def test_public_address_that_is_none_starts_nothing() -> None:
    settings = Settings(data=Path("/nowhere"), server=Server(public_url="http://localhost/<script>alert(1)</script>"))
    with pytest.raises(ConfigError):
        routes(settings)


async def test_sample_is_the_documented_call_with_a_placeholder_key() -> None:
    text = re.sub(r"<[^>]+>", "", (await call("/"))[2].decode()).replace("&#34;", '"')
    for part in ("openrouter-free", "Plan my AI workflow", "Bearer omna_xxx", "Content-Type: application/json"):
        assert part in text
    assert not re.search(r"omna_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}", text)


async def test_page_and_what_it_loads_are_light() -> None:
    packed = {"accept-encoding": "br"}
    total = len((await call("/", headers=packed))[2])
    for link in {link for link in (await landing()).links if link.startswith(("/static/", "/app/assets/"))}:
        total += len((await call(link, headers=packed))[2])
    # With a built web app the two fonts are among them, else this is what the styles weigh.
    assert total < (100_000 if BUILT.is_dir() else 28_000)


async def test_page_is_kept_until_it_changes() -> None:
    _, headers, _ = await call("/")
    assert headers["cache-control"] == "no-cache"
    status, _, body = await call("/", headers={"if-none-match": headers["etag"]})
    assert (status, body) == (304, b"")
    assert (await call("/", headers={"if-none-match": headers["etag"], "cookie": "omna_language=zh"}))[0] == 200


async def test_each_language_has_an_address_of_its_own_for_search_engines() -> None:
    page = (await call("/faq?lang=zh", headers={"cookie": "omna_language=en"}))[2].decode()
    assert '<html lang="zh-Hans">' in page
    assert '<link rel="canonical" href="http://localhost:5108/faq?lang=zh">' in page
    for tag, address in (("en", "?lang=en"), ("zh-Hans", "?lang=zh"), ("x-default", "")):
        assert f'hreflang="{tag}" href="http://localhost:5108/faq{address}"' in page
    # The choice of a language in the footer is not undone by the address it comes back to.
    assert '<input type="hidden" name="back" value="/faq">' in page
    assert '<link rel="canonical" href="http://localhost:5108/faq">' in (await call("/faq?x=1"))[2].decode()


async def test_programs_find_the_pages() -> None:
    robots = (await call("/robots.txt"))[2].decode()
    assert "Disallow: /app\n" in robots
    assert robots.endswith("Sitemap: http://localhost:5108/sitemap.xml\n")
    sitemap = (await call("/sitemap.xml"))[2].decode()
    llms = (await call("/llms.txt"))[2].decode()
    for path in ("/models", "/faq", "/terms"):
        assert f"<loc>http://localhost:5108{path}</loc>" in sitemap
        assert f"(http://localhost:5108{path})" in llms
    status, headers, picture = await call("/og.png")
    assert (status, headers["content-type"]) == (200, "image/png")
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 10_000


async def test_fonts_are_the_apps_and_left_out_without_it(tmp_path: Path) -> None:
    assert fonts.addresses(["inter-latin-wght-normal-a1.woff2", "newsreader-latin-500-normal-b2.woff2", "x.woff2"]) == {
        "Inter Variable": "/app/assets/inter-latin-wght-normal-a1.woff2",
        "Newsreader": "/app/assets/newsreader-latin-500-normal-b2.woff2",
    }
    assert fonts.style({}) == ""
    assert 'src: url("/x.woff2")' in fonts.style({"Newsreader": "/x.woff2"})
    assert Assets({}, tmp_path).fonts == {}


@pytest.mark.parametrize(
    ("headers", "tag", "words"),
    [
        ({}, "en", "One balance for every model"),
        ({"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}, "zh-Hans", "一个余额，通用所有模型"),
        ({"accept-language": "zh-CN", "cookie": "omna_language=en"}, "en", "One balance for every model"),
        ({"cookie": "omna_language=zh"}, "zh-Hans", "一个余额，通用所有模型"),
    ],
)
async def test_language_is_the_chosen_one_else_the_browsers(headers: dict[str, str], tag: str, words: str) -> None:
    _, answered, body = await call("/", headers=headers)
    assert f'<html lang="{tag}">' in body.decode()
    assert words in body.decode()
    assert answered["vary"].startswith("accept-language, cookie")


@pytest.mark.parametrize(("theme", "written"), [("dark", True), ("light", True), ("system", False), ("<b>", False)])
async def test_chosen_colours_are_written_by_the_server(theme: str, written: bool) -> None:
    _, _, body = await call("/", headers={"cookie": f"omna_theme={theme}"})
    assert (f'data-mantine-color-scheme="{theme}"' in body.decode()) is written
    assert ("data-mantine-color-scheme" in body.decode()) is written


FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


async def choose(body: str, headers: dict[str, str] = FORM) -> tuple[int, dict[str, str]]:
    status, answered, _ = await call("/preferences", "POST", headers=headers, body=body.encode())
    return status, answered


async def test_choices_are_kept_in_cookies_that_pages_may_read() -> None:
    status, headers = await choose("back=%2Fterms%3Fa%3D1&language=zh")
    assert (status, headers["location"]) == (303, "/terms?a=1")
    assert headers["set-cookie"].startswith("omna_language=zh; Path=/; SameSite=Lax")
    assert "HttpOnly" not in headers["set-cookie"]
    status, headers = await choose("back=%2F&theme=dark")
    assert headers["set-cookie"].startswith("omna_theme=dark;")


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "/%09/evil", "", "x"])
async def test_choices_never_lead_to_another_site(back: str) -> None:
    _, headers = await choose(f"theme=dark&back={back}")
    assert headers["location"] == "/"


@pytest.mark.parametrize("value", ["language=fr", "theme=blue", "theme=%0d%0aset-cookie%3A+a%3Db", ""])
async def test_unknown_choices_are_ignored(value: str) -> None:
    status, headers = await choose(f"back=%2F&{value}")
    assert status == 303
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    "headers",
    [
        FORM | {"sec-fetch-site": "cross-site"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/x-www-form-urlencoded", "origin": "https://evil.example"},
    ],
)
async def test_other_sites_choose_nothing(headers: dict[str, str]) -> None:
    status, answered = await choose("theme=dark", headers)
    assert status == 403
    assert "omna_theme" not in answered.get("set-cookie", "")


async def test_forms_are_bounded() -> None:
    assert (await choose("a=" + "x" * (64 << 10)))[0] == 413
    assert (await choose("&".join(f"a{n}=1" for n in range(100))))[0] == 400
    assert (await choose("back=%00"))[0] == 400
    assert (await choose("{}", FORM | {"content-type": "application/json"}))[0] == 400


@pytest.mark.parametrize("path", ["/terms", "/privacy", "/refund-policy"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_documents_say_their_version_and_what_is_in_them(path: str, language: str) -> None:
    status, headers, body = await call(
        path,
        headers={"cookie": f"omna_language={language}"},
        operator_name="A <b> & *Co*",
        support_email="a@example.com",
    )
    assert status == 200
    assert headers["cache-control"] == "no-cache"
    text = body.decode()
    assert "2026-11-26" in text
    assert "A &lt;b&gt; &amp; *Co*" in text
    assert '<a href="mailto:a@example.com">a@example.com</a>' in text
    page = Page(text)
    assert page.tags.count("h1") == 1
    assert len(page.ids) == len(set(page.ids)) > 6
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}


async def test_only_pages_with_a_form_give_a_cookie_for_it() -> None:
    for path in ("/terms", "/nothing-here"):
        assert "set-cookie" not in (await call(path))[1]


async def test_an_address_where_nothing_is_says_so_in_the_frame_of_every_page() -> None:
    status, headers, body = await call("/nothing-here", headers={"accept-language": "zh"})
    assert status == 404
    assert "这个地址没有内容" in body.decode()
    assert headers["x-request-id"] in body.decode()
    status, headers, body = await call("/nothing-here", "HEAD")
    assert (status, body) == (404, b"")
    assert int(headers["content-length"]) > 0


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_colours_are_readable_on_every_ground(scheme: int) -> None:
    tokens = (HERE / "static" / "tokens.css").read_text()
    colours = {
        name: values[scheme]
        for name, *values in re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\)", tokens)
    }
    grounds = [colours[name] for name in ("bg", "surface", "sunken", "hover")]
    for ink in (
        "text",
        "text-2",
        "text-3",
        "accent",
        "accent-strong",
        "ok",
        "code-string",
        "code-name",
        "code-keyword",
    ):
        assert min(contrast(colours[ink], ground) for ground in grounds) >= 4.5, ink
    assert min(contrast(colours["line-strong"], ground) for ground in grounds) >= 3
    assert contrast("#FFFFFF", colours["accent-solid"]) >= 4.5
    assert contrast("#FFFFFF", colours["accent-solid-hover"]) >= 4.5


def test_only_the_tokens_name_colours() -> None:
    styles = [path for path in (HERE / "static").glob("*.css") if path.name != "tokens.css"]
    assert len(styles) > 4
    for path in styles:
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", path.read_text()), path.name
