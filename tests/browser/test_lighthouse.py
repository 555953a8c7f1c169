"""Lighthouse gives every page at least 95 of 100 for accessibility and for best practices; what strangers come to, also
for speed and for being found.
"""

import asyncio
import json
from typing import Any

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


@pytest.fixture(scope="module")
async def tour(house: Installation, people: People, site: Replica) -> Tour:
    return await furnish(house, people, site)


async def judged(
    origin: str, cookie: tuple[str, str], addresses: list[str], categories: tuple[str, ...] = EVERYWHERE
) -> list[Any]:
    """Return what Lighthouse says about pages that are opened with a cookie."""
    await install_packages(NODE_FOLDER)
    port = free_port()
    wanted = {
        "port": port, "origin": origin, "cookie": {"name": cookie[0], "value": cookie[1]}, "addresses": addresses,
        "whole": WHOLE, "categories": categories,
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
@pytest.mark.parametrize("part", ["public", "app"])
async def test_lighthouse_is_content_with_every_page(site: Replica, tour: Tour, part: str) -> None:
    if part == "app":
        cookie, pages = ("omna_session", tour.owner.session), tour.app
    else:
        cookie, pages = ("omna_challenge", tour.challenge), tour.public
    # What is not there is answered with 404, which Lighthouse does not judge. One look at every page, not at every state.
    addresses = list(
        {
            path + address.partition("/settings/")[2]: address
            for path, address in reversed(pages)
            if "nothing" not in address and "dead" not in address
        }.values()
    )
    verdicts = await judged(site.address, cookie, addresses)
    assert part == "public" or not any(verdict["shown"].startswith("/sign-in") for verdict in verdicts)
    poor = [verdict for verdict in verdicts if verdict["error"] or min(verdict["scores"].values()) < LEAST]
    assert not poor, json.dumps(poor, indent=1)


async def test_pages_that_strangers_come_to_are_fast_and_found(site: Replica) -> None:
    pages, every = ["/", "/models"], (*EVERYWHERE, "performance", "seo")
    for last in (False, True):
        verdicts = await judged(site.address, ("omna_theme", "system"), pages, every)
        poor = [one for one in verdicts if one["error"] or min(one["scores"].values()) < LEAST]
        # Speed is measured, on a machine that may be doing something else: once more.
        pages = [one["address"] for one in poor]
        if not poor:
            break
        assert not last, json.dumps(poor, indent=1)
