"""Everybody can use every page: axe finds nothing, nothing scrolls sideways, titles and headings say where one is (J25)."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from omna.config import Settings
from omna.db.pool import Connection
from omna.vault.keyring import Keyring
from omna.website.routes import routes
from tests.browser.conftest import Visit
from tests.harness import depth
from tests.harness.browser import Visitor, at_rest, visitor
from tests.harness.installation import Installation
from tests.harness.looks import Scheme
from tests.harness.people import People, enter
from tests.harness.replica import Replica
from tests.harness.staff import sign_in_staff
from tests.harness.tour import Tour, furnish

ROUTES = Path(__file__).parents[2] / "web" / "src" / "routes.tsx"
CONSOLE_PAGES = Path(__file__).parents[2] / "web" / "src" / "console" / "pages.ts"
#: They answer no page: files, the app and the console, journeys to another service, which have tests of their own.
NO_PAGES = re.compile(r"/static/|/app|/console|/sign-in/oauth/|.*\.(txt|xml|png|md|rss|json)$")


#: The colours of each size in a usual run; both in a full one.
COLOURS: dict[str, tuple[Scheme, ...]] = {"desktop": ("light",), "phone": ("dark",)}
#: A phone of ten years ago, and a laptop whose owner enlarges pages to 200 %.
NARROW, ENLARGED = {"width": 320, "height": 640}, {"width": 640, "height": 400}
#: What moves on a page for longer than nobody sees.
MOVING = """() => [...document.querySelectorAll('*')].flatMap((one) => {
    const style = getComputedStyle(one)
    const longest = (text) => Math.max(...text.split(',').map((part) => parseFloat(part)))
    const moves = (style.transitionProperty !== 'none' && longest(style.transitionDuration) > 0.01) ||
        (style.animationName !== 'none' && longest(style.animationDuration) > 0.01)
    return moves ? [one.outerHTML.slice(0, 120)] : []
})"""


@pytest.fixture(scope="module")
async def tour(house: Installation, people: People, site: Replica) -> Tour:
    return await furnish(house, people, site)


async def settled(page: Page) -> None:
    """Wait until the page shows what it has: one heading, and no skeleton in its place."""
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    await at_rest(page)


async def open_as(person: Visitor, tour: Tour, address: str) -> None:
    """Open an address as whoever it is for."""
    if address.startswith("/console"):
        await sign_in_staff(person, tour.staff, address)
    elif address.startswith("/app"):
        await enter(person, tour.owner, address)
    else:
        cookie = {"name": "omna_challenge", "value": tour.challenge, "url": person.origin}
        await person.context.add_cookies([cookie])  # type: ignore[list-item]
        await person.go(address)
    await settled(person.page)


async def too_wide(person: Visitor) -> int:
    """Return by how many pixels a page scrolls sideways once its charts have found their size."""
    for _ in range(20):
        if (wide := await person.overflow()) <= 0:
            return 0
        await asyncio.sleep(0.1)
    return wide


async def nothing_shared(connection: Connection, keyring: Keyring, token: str) -> None:
    """Find no chat behind a link."""


def test_tour_leads_through_every_page(tour: Tour) -> None:
    text = ROUTES.read_text("utf-8")
    parts = re.findall(r"getParentRoute: \(\) => (\w+),\s+path: \"([^\"]+)\"", text)
    places = {"root": "", "workspace": "w/$ws/", "chats": "w/$ws/chat/"}
    pages = {f"{places[parent]}{path}".rstrip("/") or path for parent, path in parts}
    # These lead elsewhere at once.
    assert {path for path, _ in tour.app} == pages - {"/", "settings"}
    lists = set(re.findall(r'path: "([^"]+)"', CONSOLE_PAGES.read_text("utf-8")))
    assert lists <= {path for path, _ in tour.console}
    public = {
        route.path for route in routes(Settings(data=Path("unused")), nothing_shared) if "GET" in (route.methods or ())
    }
    assert {path for path, _ in tour.public} == {path for path in public if not NO_PAGES.match(path)}


@pytest.mark.timeout(depth.of(300, 1800))
@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("part", ["public", "app", "console"])
async def test_page_is_accessible_and_fits(browser: Browser, site: Replica, tour: Tour, size: str, part: str) -> None:
    found: list[str] = []
    locale = "zh-CN" if (size, part) == ("phone", "public") else "en-GB"
    async with visitor(browser, site.address, size=size, locale=locale) as person:
        titles = set()
        for path, address in depth.some(getattr(tour, part), f"{size} {part}"):
            await open_as(person, tour, address)
            found += [f"{path}{problem}" for problem in await wrong_with_page(person, size)]
            titles.add(title := await person.page.title())
            if part != "public" and " · " not in title:
                found.append(f"{path}: title {title!r}")
        assert len(titles) > depth.of(4, 8)
        # Addresses that are nothing, and links that are dead.
        person.problems[:] = [one for one in person.problems if not one.startswith("404 for /")]
    assert found == [], "\n".join(found)


async def wrong_with_page(person: Visitor, size: str) -> list[str]:
    """Return what is wrong with the page that is open, in the colours and widths of this run."""
    page, usual = person.page, person.page.viewport_size
    assert usual is not None
    found = []
    for scheme in depth.of(COLOURS[size], ("light", "dark")):
        await page.emulate_media(color_scheme=scheme)
        await at_rest(page)
        found += [f", {scheme}: {problem}" for problem in await person.axe()]
    for window in (usual, NARROW, ENLARGED) if size == "desktop" else (usual,):
        await page.set_viewport_size(window)
        if wide := await too_wide(person):
            found.append(f": {wide} px too wide in {window['width']} px")
        if depth.FULL and window is not usual:
            await at_rest(page)
            found += [f", {window['width']} px: {problem}" for problem in await person.axe()]
    await page.set_viewport_size(usual)
    if depth.FULL:
        found += [f", moves: {one}" for one in await page.evaluate(MOVING)]
        await page.emulate_media(forced_colors="active")
        await at_rest(page)
        found += [f", forced colours: {problem}" for problem in await person.axe()]
        await page.emulate_media(forced_colors="none")
    return found


async def test_skip_link_is_the_first_stop_and_leads_to_the_content(visit: Visit, tour: Tour) -> None:
    async with visit() as person:
        for address in ("/", "/sign-in", tour.app[0][1]):
            await open_as(person, tour, address)
            # Where a page puts the focus itself, people begin before it.
            await person.page.evaluate("document.activeElement.blur()")
            await person.page.keyboard.press("Tab")
            link = person.page.get_by_role("link", name="Skip to the content")
            await expect(link).to_be_focused()
            await expect(link).to_be_in_viewport()
            await person.page.keyboard.press("Enter")
            await expect(person.page).to_have_url(re.compile("#content$"))


#: What opens a dialog, by the part of the tour it stands on.
OPENERS = (
    ("w/$ws/models", "Use in code"), ("w/$ws/keys", "Create key"),
    ("w/$ws/keys/$key", "Rotate key"), ("w/$ws/keys/$key", "Report as leaked"),
    ("w/$ws/keys/$key", "Delete key"), ("w/$ws/team", "Invite member"), ("settings/$section:security", "Change password"),
    ("settings/$section:security", "Change address"), ("settings/$section:data", "Delete account"),
)  # fmt: skip


async def test_dialogs_open_close_and_give_the_focus_back_by_keyboard(visit: Visit, tour: Tour) -> None:
    found = []
    async with visit() as person:
        page = person.page
        for place, name in OPENERS:
            path, _, section = place.partition(":")
            address = next(one for other, one in tour.app if other == path and one.endswith(section))
            if not page.url.endswith(address):
                await open_as(person, tour, address)
            opener = page.get_by_role("button", name=name).first
            await opener.focus()
            await page.keyboard.press("Enter")
            dialog = page.get_by_role("dialog")
            await expect(dialog).to_be_visible()
            await expect(dialog.locator(":focus")).to_have_count(1)
            found += [f"{name}: {problem}" for problem in await person.axe()]
            await page.keyboard.press("Escape")
            await expect(dialog).to_have_count(0)
            await expect(opener).to_be_focused()
    assert found == [], "\n".join(found)
