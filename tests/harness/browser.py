"""A person with a browser: real Chromium, watched for errors and for requests that leave the site."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    Response,
    Route,
    async_playwright,
)

from tests.harness import depth
from tests.harness import hands as harness_hands
from tests.harness.looks import SIZES, Hands, Scheme

#: The same engine without everything around pages.
HEADLESS = "chromium-headless-shell"
NODE_FOLDER = Path(__file__).parents[1] / "browser" / "node"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-color-profile=srgb")

#: A browser reports every answer from 400 on as an error of the console. These are part of a conversation: a wrong
#: value, a fresh proof that is asked for.
_CONVERSATION = frozenset({400, 401, 402, 403, 409, 429})


def find_chromium() -> str:
    """Return the path of Chromium: without a window system in usual runs, which costs a quarter; whole in full runs.

    Errors  RuntimeError that says how to install it
    """
    whole = ("chromium", "chromium-browser", "google-chrome")
    names = (*whole, HEADLESS) if depth.FULL else (HEADLESS, *whole)
    for name in (os.environ.get("OMNA_TEST_CHROMIUM", ""), *names):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise RuntimeError("the browser tests need Chromium: apt-get install chromium, or set OMNA_TEST_CHROMIUM")


@asynccontextmanager
async def chromium(*arguments: str) -> AsyncIterator[Browser]:
    """Lend a browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=[*ARGUMENTS, *arguments])
        yield browser
        await browser.close()


class Visitor:
    """One person: a browser profile of their own and a page. What goes wrong on the page is kept in `problems`."""

    def __init__(self, context: BrowserContext, page: Page, origin: str, *, scripts: bool = True) -> None:
        self._scripts = scripts
        self.context = context
        self.page = page
        self.origin = origin
        self.problems: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    async def go(self, path: str) -> Response | None:
        """Open an address of the site."""
        return await self.page.goto(self.origin + path)

    async def rail(self) -> Locator:
        """Return what leads to all pages; on a phone it is behind a menu, which is open then. The page must be there."""
        menu = self.page.get_by_role("button", name="Menu", exact=True)
        if await menu.is_visible():
            await menu.click()
        return self.page.get_by_role("navigation")

    async def axe(self) -> list[str]:
        """Return what axe-core finds wrong on the page once it is at rest: WCAG 2.2 AA and best practices."""
        found: list[str] = []
        for _ in range(4):
            if self._scripts:
                await at_rest(self.page)
            found = await self._axe()
            if not found or not self._scripts:
                return found
            # Between two parts of a page that are loaded one after the other it has no heading: what is wrong stays.
            await asyncio.sleep(0.5)
        return found

    async def _axe(self) -> list[str]:
        source = (NODE_FOLDER / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
        # Through the debugger, so the page's policy stays as strict as it is.
        await self.page.evaluate(source)
        result: dict[str, Any] = await self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{found['id']}: {found['help']} — {node['target']} {node['html'][:200]}"
            for found in result["violations"]
            for node in found["nodes"]
        ]

    async def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        wide: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wide

    async def spills(self) -> list[str]:
        """Return the facts, cells and parts of dialogs whose words reach out of them, over what is beside them."""
        spilt: list[str] = await self.page.locator("dd, td, th, [role=dialog] div").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1 && one.checkVisibility()"
            " && getComputedStyle(one).overflowX === 'visible').map(one => one.textContent)"
        )
        return spilt

    async def authenticator(self) -> "Authenticator":
        """Give this person a device with a passkey sensor."""
        session = await self.context.new_cdp_session(self.page)
        await session.send("WebAuthn.enable")
        answer = await session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        return Authenticator(session, answer["authenticatorId"])

    def _on_console(self, message: ConsoleMessage) -> None:
        # Answers are judged by their status below.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https", "ws", "wss") and f"{url.scheme}://{url.netloc}" != self.origin:
            self.problems.append(f"request that leaves the site: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in _CONVERSATION:
            self.problems.append(f"{response.status} for {urlsplit(response.url).path}")


async def at_rest(page: Page) -> None:
    """Wait until the page shows what it has, its fonts are there, and nothing moves but what moves for ever."""
    await page.evaluate(
        """async () => {
            const frame = () => new Promise(requestAnimationFrame), patience = performance.now() + 10000
            const loads = () => !document.querySelector('h1') || document.querySelector('[aria-busy=true]')
            while (loads() && performance.now() < patience) await frame()
            await document.fonts.ready
            for (let drawn = 0; drawn < 3; drawn++) await frame()
            const ends = (one) => one.effect?.getComputedTiming().endTime !== Infinity
            await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished))
        }"""
    )


async def clean(person: Visitor) -> None:
    """Prove that the page as it is now is accessible to everybody and no wider than its window."""
    problems = await person.axe()
    assert problems == [], "\n".join(problems)
    wide = await person.overflow()
    assert wide <= 0, f"{wide} px too wide"


class Authenticator:
    """A virtual passkey device of one page."""

    def __init__(self, session: Any, identifier: str) -> None:
        self._session = session
        self._identifier = identifier

    async def credentials(self) -> list[dict[str, Any]]:
        answer = await self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._identifier})
        found: list[dict[str, Any]] = answer["credentials"]
        return found


async def _be_late(route: Route) -> None:
    await asyncio.sleep(depth.LAG_SECONDS)
    with suppress(Error):  # the page may have gone in between
        await route.continue_()


@asynccontextmanager
async def visitor(
    browser: Browser, origin: str, *, size: str = "desktop", scheme: Scheme = "light", locale: str = "en-GB",
    hands: Hands = "pointer", javascript: bool = True, reduced_motion: bool = True,
) -> AsyncIterator[Visitor]:  # fmt: skip
    """Lend a person; when they leave, nothing may have gone wrong on their pages."""
    context = await browser.new_context(
        viewport=SIZES[size],  # type: ignore[arg-type]
        color_scheme=scheme,
        locale=locale,
        timezone_id="Europe/Berlin",
        java_script_enabled=javascript,
        reduced_motion="reduce" if reduced_motion else "no-preference",
        has_touch=size == "phone",
        is_mobile=size == "phone",
        accept_downloads=True,
    )
    context.set_default_timeout(15_000)
    harness_hands.give(context, hands)
    if depth.LAG_SECONDS:
        await context.route(re.compile("^[^?]*/api/"), _be_late)
    try:
        await context.grant_permissions(["clipboard-read", "clipboard-write"], origin=origin)
        person = Visitor(context, await context.new_page(), origin, scripts=javascript)
        yield person
        assert person.problems == [], json.dumps(person.problems, indent=1)
    finally:
        await context.close()
