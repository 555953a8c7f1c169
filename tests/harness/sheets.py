"""Amounts as a browser shows them, and the files a page offers."""

import asyncio
import csv
import io
from decimal import Decimal
from pathlib import Path

from playwright.async_api import Locator, Page


async def amounts(place: Locator) -> list[Decimal]:
    """Return the amounts of a place, in order; the locale they are shown in does not matter."""
    return [Decimal(value) for value in await place.locator("data").evaluate_all("all => all.map(one => one.value)")]


async def amount(place: Locator) -> Decimal:
    """Return the one amount of a place."""
    [found] = await amounts(place)
    return found


async def download(page: Page, link: Locator) -> tuple[str, bytes]:
    """Click a link that downloads; returns the name and the content of the file."""
    async with page.expect_download() as coming:
        await link.click()
    file = await coming.value
    return file.suggested_filename, await asyncio.to_thread(Path(await file.path()).read_bytes)


def rows_of(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file by their header."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


async def reach(page: Page, place: Locator, patience: int = 80) -> None:
    """Go to a control with the Tab key alone, as somebody without a pointer does."""
    for _ in range(patience):
        if await place.evaluate("place => place === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"no way by keyboard to {place}")
