"""Pictures of every page, at a desk and on a phone: python -m tools.screenshots [FOLDER] [--only TEXT]

Starts a server with its own database, lets the tour of the tests furnish it, and writes docs/screenshots: WebP, and a page
that shows them all. Run it after a change of how pages look; nothing here is edited by hand.
"""

import argparse
import asyncio
import base64
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from omna.db.embedded import EmbeddedServer
from omna.db.migrate import migrate
from tests.harness.browser import Visitor, chromium, visitor
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import Installation, fresh_database
from tests.harness.people import enter, people_of
from tests.harness.replica import Replica
from tests.harness.staff import sign_in_staff
from tests.harness.tour import Tour, furnish
from tests.upstream.server import Upstream

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
PARTS = {"public": "The public site", "app": "The app", "console": "The console"}
LOOKS = {"desktop": "light", "phone": "dark"}
QUALITY = 72
#: A page longer than this is cut: what counts is how it begins.
MOST_HEIGHT = {"desktop": 1600, "phone": 1688}


def pages(tour: Tour) -> Iterator[tuple[str, str, str]]:
    """Yield part, name of the picture and address of each page."""
    for part in PARTS:
        seen: dict[str, int] = {}
        for path, address in getattr(tour, part):
            plain = re.sub(r"w/\$ws/?", "", path).strip("/") or ("landing" if part == "public" else "overview")
            name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "nothing-there"
            if path == "settings/$section":
                name = address.rpartition("/")[2] + "-settings"
            seen[name] = seen.get(name, 0) + 1
            yield part, name if seen[name] == 1 else f"{name}-{seen[name]}", address


async def open_page(person: Visitor, tour: Tour, part: str, address: str) -> None:
    match part:
        case "public":
            cookie = {"name": "omna_challenge", "value": tour.challenge, "url": person.origin}
            await person.context.add_cookies([cookie])  # type: ignore[list-item]
            await person.go(address)
        case "app":
            await enter(person, tour.owner, address)
        case _:
            await sign_in_staff(person, tour.staff, address)
    await person.page.locator("h1").first.wait_for()
    await expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
    await person.page.evaluate("document.fonts.ready")
    await person.page.wait_for_timeout(250)  # charts find their size in a frame of their own


async def picture(page: Page, size: str) -> bytes:
    height = await page.evaluate("document.documentElement.scrollHeight")
    width = await page.evaluate("document.documentElement.clientWidth")
    session = await page.context.new_cdp_session(page)
    shot = await session.send("Page.captureScreenshot", {
        "format": "webp", "quality": QUALITY, "captureBeyondViewport": True,
        "clip": {"x": 0, "y": 0, "width": width, "height": min(height, MOST_HEIGHT[size]), "scale": 1},
    })  # fmt: skip
    await session.detach()
    return base64.b64decode(shot["data"])


async def take(browser: Browser, site: Replica, tour: Tour, folder: Path, only: str) -> None:
    for size, scheme in LOOKS.items():
        for part in PARTS:
            async with visitor(browser, site.address, size=size, scheme=scheme) as person:  # type: ignore[arg-type]
                for _, name, address in (one for one in pages(tour) if one[0] == part and only in one[1]):
                    await open_page(person, tour, part, address)
                    target = folder / part / f"{name}-{size}.webp"
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(await picture(person.page, size))
                    print(target.relative_to(folder))
                # Addresses that are nothing are part of the tour.
                person.problems.clear()


def index(tour: Tour) -> str:
    """Return the page that shows the pictures."""
    lines = ["# Every page\n", "At a desk in light and on a phone in dark; made by `python -m tools.screenshots`.\n"]
    for part, title in PARTS.items():
        lines.append(f"## {title}\n")
        for _, name, _ in (one for one in pages(tour) if one[0] == part):
            lines.append(f"### {name}\n")
            lines.append(
                f'<img src="{part}/{name}-desktop.webp" width="640" alt="{name} at a desk">'
                f' <img src="{part}/{name}-phone.webp" width="195" alt="{name} on a phone">\n'
            )
    return "\n".join(lines)


async def main(folder: Path, only: str) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="omna-pictures-") as place,
        tempfile.TemporaryDirectory(prefix="omna-server-") as cluster,
        EmbeddedServer(Path(cluster), durable=False) as server,
    ):
        await migrate(server.url())
        async with (
            fresh_database(server) as url,
            Upstream() as upstream,
            Installation(url, Path(place) / "house", upstream) as house,
            people_of(house) as people,
            chromium() as browser,
        ):
            await house.model("openrouter-free", upstream_model="ok")
            settings = SETTINGS | {"ACCOUNTS_STARTER_CREDITS": "5", "PAYMENTS_SANDBOX": "true"}
            async with house.replica(settings) as site:
                tour = await furnish(house, people, site)
                await take(browser, site, tour, folder, only)
                if not only:
                    (folder / "README.md").write_text(index(tour), "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--only", default="", help="a part of the names of pictures")
    chosen = parser.parse_args()
    asyncio.run(main(chosen.folder, chosen.only))
