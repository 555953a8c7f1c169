"""The public site as a stranger reads it: without JavaScript (J26), fast (L1-L5), and with prices that are true (MP1-MP3)."""

import asyncio
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Visit
from tests.harness.browser import visitor
from tests.harness.installation import Installation
from tests.harness.looks import SIZES
from tests.harness.node import NODE, install_packages
from tests.harness.replica import Replica

SDK = Path(__file__).parents[1] / "contract" / "node"
PLACEHOLDER = "omna_xxx"


async def test_site_needs_no_javascript(visit: Visit, site: Replica) -> None:
    async with visit(javascript=False) as person:
        page = person.page
        await person.go("/")
        # The samples change by radio buttons, which the keyboard reaches; what needs a script is not shown.
        await expect(page.get_by_role("button", name="Copy")).to_have_count(0)
        await page.locator("#sample-curl").focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.locator(".pane-python")).to_be_visible()
        await expect(page.locator(".pane-curl")).to_be_hidden()
        # One question at a time (L5), by keyboard.
        first, second = page.locator(".questions summary").nth(0), page.locator(".questions summary").nth(1)
        await first.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("#faq-what")).to_be_visible()
        await second.focus()
        await page.keyboard.press("Space")
        await expect(page.locator("#faq-proxy")).to_be_visible()
        await expect(page.locator("#faq-what")).to_be_hidden()
        # The calculator (L4) asks the server, and the answer is in the address.
        await page.get_by_label("Chats").fill("2000")
        await page.get_by_role("button", name="Work it out").click()
        await expect(page.get_by_role("heading", name="What would 2,000 chats cost?")).to_be_visible()

        await person.go("/models?q=nothing-of-the-kind")
        await expect(page.get_by_text("No model fits these wishes.")).to_be_visible()
        await page.get_by_role("link", name="Show all").first.click()
        await page.get_by_label("Search").fill("openrouter")
        await page.get_by_role("button", name="Apply").click()
        await expect(page).to_have_url(f"{site.address}/models?q=openrouter&provider=&takes=&context=&max=&sort=name")
        await page.get_by_role("link", name="openrouter-free").click()
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await person.go("/models?sort=price")
        await page.get_by_role("button", name="简体中文").click()
        await expect(page).to_have_url(f"{site.address}/models?sort=price")
        await expect(page.get_by_role("heading", level=1)).to_have_text("模型与价格")


@pytest.mark.parametrize("place", ["/#faq-refunds", "/faq#faq-refunds"])
async def test_an_answer_has_an_address_that_opens_it(visit: Visit, place: str) -> None:
    async with visit(javascript=False) as person:
        await person.go(place)
        await expect(person.page.locator("#faq-refunds")).to_be_in_viewport()
        # All of them are in the page, open or not.
        assert "proxy nodes" in await person.page.content()


async def test_landing_page_is_there_at_once_and_stays_where_it_is(visit: Visit) -> None:
    async with visit() as person:
        page = person.page
        await person.go("/")
        await page.wait_for_load_state("networkidle")
        painted, moved = await page.evaluate(
            """async () => {
                const seen = (type) => new Promise((done) => new PerformanceObserver((list) => done(list.getEntries()))
                    .observe({ type, buffered: true }))
                const late = new Promise((done) => setTimeout(done, 300, []))
                const paints = await seen("largest-contentful-paint")
                const shifts = await Promise.race([seen("layout-shift"), late])
                return [paints.at(-1).startTime, shifts.reduce((sum, one) => sum + one.value, 0)]
            }"""
        )
        assert painted < 1500
        assert moved < 0.02
        copy = page.get_by_role("button", name="Copy")
        await copy.click()
        await expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert (await page.evaluate("navigator.clipboard.readText()")).startswith("curl ")


@pytest.mark.parametrize("size", SIZES)
async def test_landing_page_sends_less_than_100_kilobytes(browser: Browser, site: Replica, size: str) -> None:
    async with visitor(browser, site.address, size=size) as person:
        network = await person.context.new_cdp_session(person.page)
        received: list[float] = []
        # With headers, and what no script of the page sees.
        network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        await network.send("Network.enable")
        await person.go("/")
        await person.page.wait_for_load_state("networkidle")
        assert 10_000 < sum(received) < 100_000, received


async def test_samples_work_with_a_key_and_prices_are_those_of_the_api(
    visit: Visit, house: Installation, site: Replica
) -> None:
    key = house.tenant.key
    async with visit(javascript=False) as person:
        page = person.page
        await person.go("/")
        samples = {
            name: (await page.locator(f".pane-{name} code").text_content() or "").replace(PLACEHOLDER, key)
            for name in ("curl", "python", "node")
        }
    assert all(key in sample and PLACEHOLDER not in sample for sample in samples.values())
    assert "chat.completion" in await run("sh", "-c", samples["curl"].replace("curl ", "curl -sS --fail ", 1))
    assert await run(sys.executable, "-c", samples["python"])
    await install_packages(SDK)
    (SDK / "landing-sample.mjs").write_text(samples["node"], "utf-8")
    try:
        assert await run(str(NODE), str(SDK / "landing-sample.mjs"))
    finally:
        (SDK / "landing-sample.mjs").unlink()
    # What the page says of a million tokens is a million times what the API says of one.
    told = (await site.ask("GET", "/v1/models/openrouter-free", key=key)).json["pricing"]
    listed = (await site.ask("GET", "/models/openrouter-free.md")).body.decode()
    for name, field in (("Input", "prompt"), ("Output", "completion")):
        assert f"| {name} | {Decimal(told[field]) * 1_000_000:.2f} |" in listed


async def run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    return output.decode()
