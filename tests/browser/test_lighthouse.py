"""Lighthouse gives every page at least 95 of 100 for accessibility and for best practices; those of strangers also for
speed and for being found, on a phone and on a laptop.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from urllib.robotparser import RobotFileParser

import pytest

from tests.harness import depth
from tests.harness.browser import NODE_FOLDER, chromium
from tests.harness.installation import Installation
from tests.harness.node import NODE, install_packages
from tests.harness.people import People
from tests.harness.replica import Replica, free_port
from tests.harness.tour import Tour, furnish

LEAST = 0.95
#: Pages of each part that are judged while they load.
WHOLE = 2
EVERYWHERE = ("accessibility", "best-practices")
#: A phone on a slow line, a laptop on a quick one, as Lighthouse takes them for usual.
PRESETS = ("mobile", "desktop")


@pytest.fixture(scope="module")
async def tour(house: Installation, people: People, site: Replica) -> Tour:
    return await furnish(house, people, site)


async def judged(
    origin: str, cookie: tuple[str, str], addresses: list[str], categories: tuple[str, ...] = EVERYWHERE,
    *, whole: int = WHOLE, preset: str | None = None,
) -> list[Any]:  # fmt: skip
    """Return what Lighthouse says about pages that are opened with a cookie.

    whole   so many of them are judged while they load; preset: see lighthouse.mjs
    """
    await install_packages(NODE_FOLDER)
    port = free_port()
    wanted = {
        "port": port, "origin": origin, "cookie": {"name": cookie[0], "value": cookie[1]}, "addresses": addresses,
        "whole": whole, "categories": categories, "preset": preset,
    }  # fmt: skip
    async with chromium(f"--remote-debugging-port={port}"):
        process = await asyncio.create_subprocess_exec(
            NODE, "lighthouse.mjs", cwd=NODE_FOLDER,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, error = await process.communicate(json.dumps(wanted).encode())
    assert process.returncode == 0, error.decode()
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.slow
@depth.full_only
async def test_lighthouse_is_content_with_every_page_of_the_app(site: Replica, tour: Tour) -> None:
    verdicts = await judged(site.address, ("omna_session", tour.owner.session), one_of_each(tour.app))
    assert not any(verdict["shown"].startswith("/sign-in") for verdict in verdicts)
    assert not (poor := [verdict for verdict in verdicts if is_poor(verdict)]), json.dumps(poor, indent=1)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@depth.full_only
@pytest.mark.parametrize("preset", PRESETS)
async def test_every_page_of_strangers_is_fast_and_found(site: Replica, tour: Tour, preset: str) -> None:
    await assert_fast_and_found(site, ("omna_challenge", tour.challenge), one_of_each(tour.public), preset)


async def test_pages_that_strangers_come_to_first_are_fast_and_found_on_a_phone(site: Replica) -> None:
    await assert_fast_and_found(site, ("omna_theme", "system"), ["/", "/models"], "mobile")


def one_of_each(pages: Sequence[tuple[str, str]]) -> list[str]:
    """Return an address of every page: one look at each, not at every state."""
    return list(
        {
            path + address.partition("/settings/")[2]: address
            for path, address in reversed(pages)
            # What is not there is answered with 404, which Lighthouse does not judge.
            if "nothing" not in address and "dead" not in address
        }.values()
    )


async def assert_fast_and_found(site: Replica, cookie: tuple[str, str], pages: list[str], preset: str) -> None:
    robots = RobotFileParser()
    robots.parse((await site.ask("GET", "/robots.txt")).body.decode().splitlines())
    every, poor = (*EVERYWHERE, "performance", "seo"), []
    # Speed is worked out from what was measured, on a machine that may be doing something else: once more.
    for _ in range(2):
        verdicts = await judged(site.address, cookie, pages, every, whole=len(pages), preset=preset)
        for verdict in verdicts:
            # What no search engine may read need not be found.
            if not robots.can_fetch("*", verdict["address"]):
                del verdict["scores"]["seo"]
        poor = [verdict for verdict in verdicts if is_poor(verdict)]
        pages = [verdict["address"] for verdict in poor]
        if not poor:
            return
    raise AssertionError(f"twice poor on {preset}: {json.dumps(poor, indent=1)}")


def is_poor(verdict: Any) -> bool:
    return bool(verdict["error"]) or min(score or 0 for score in verdict["scores"].values()) < LEAST
