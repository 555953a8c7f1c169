"""The page of the pretended payment service, without JavaScript."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from starlette.applications import Starlette

from omna.app import Omna
from omna.config import ConfigError, Payments, Server, Settings
from omna.website.routes import routes
from tests.harness.pages import Browser, Page, leads_to
from tests.harness.shop import Shop, shop

__all__ = ["shop"]


@pytest.fixture
async def order(shop: Shop) -> Any:
    return await shop.buy()


@pytest.fixture
async def payer(shop: Shop) -> AsyncIterator[Browser]:
    async with browser(shop) as opened:
        yield opened


def browser(shop: Shop, language: str = "en") -> Browser:
    app = Starlette(routes=routes(shop.registry.settings))
    app.state.checkout = shop.registry
    return Browser(app, language=language)


async def press(payer: Browser, order: Any, button: str) -> Page:
    path = order["checkout_url"].removeprefix("http://localhost:5108")
    page = await payer.open(path)
    return await payer.send(page.form(path), button=button)


async def state_of(shop: Shop, order: Any) -> str:
    state: str = (await shop.owner.call("GET", f"/recharges/{order['id']}")).json["state"]
    return state


async def test_page_says_that_it_is_a_test_and_what_is_paid(payer: Browser, order: Any) -> None:
    page = await payer.open(order["checkout_url"])
    assert page.status == 200
    for words in (
        "Test mode: no money moves",
        "10.00 USD",
        "10 Credits",
        order["reference"],
        "Pay later",
        "Not paid yet",
    ):
        assert words in page.text
    assert "Dispute" not in page.text


async def test_page_speaks_chinese(shop: Shop, order: Any) -> None:
    async with browser(shop, "zh-CN") as payer:
        page = await payer.open(order["checkout_url"])
    assert (page.lang, "测试模式" in page.text) == ("zh-Hans", True)


async def test_paying_credits_and_leads_back_to_the_order(shop: Shop, payer: Browser, order: Any) -> None:
    page = await press(payer, order, "pay")
    assert leads_to(page) == f"http://localhost:5108/app/w/{shop.id}/orders/{order['id']}?returned=1"
    assert await state_of(shop, order) == "credited"


async def test_bank_has_its_buttons_after_that(shop: Shop, payer: Browser, order: Any) -> None:
    await press(payer, order, "pay")
    page = await press(payer, order, "dispute")
    assert leads_to(page).startswith("/sandbox/checkout/")
    assert await shop.pool.fetchval("SELECT state FROM disputes") == "open"
    page = await payer.open(leads_to(page))
    assert "the bank took the money back" in page.text
    await press(payer, order, "win")
    assert await shop.pool.fetchval("SELECT state FROM disputes") == "won"


async def test_slow_payment_is_settled_on_the_page(shop: Shop, payer: Browser, order: Any) -> None:
    await press(payer, order, "pay_later")
    assert await state_of(shop, order) == "awaiting_payment"
    await press(payer, order, "succeed")
    assert await state_of(shop, order) == "credited"


async def test_button_of_an_old_page_says_so(shop: Shop, payer: Browser, order: Any) -> None:
    path = order["checkout_url"].removeprefix("http://localhost:5108")
    old = await payer.open(path)
    await press(payer, order, "fail")
    page = await payer.send(old.form(path), button="pay")
    assert (page.status, "pressed already" in page.text) == (409, True)
    assert await state_of(shop, order) == "failed"
    assert (await payer.send(old.form(path), button="no_such_button")).status == 400


async def test_form_of_another_site_presses_nothing(shop: Shop, payer: Browser, order: Any) -> None:
    path = order["checkout_url"].removeprefix("http://localhost:5108")
    form = (await payer.open(path)).form(path)
    page = await payer.send(
        form, headers={"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, button="pay"
    )
    assert page.status == 403
    assert (await payer.send(form, button="pay", form_token="made up")).status == 403
    assert await state_of(shop, order) == "open"


async def test_unknown_checkout_is_not_there(payer: Browser, order: Any) -> None:
    assert (await payer.open("/sandbox/checkout/sbx_nothing")).status == 404


async def test_without_the_sandbox_there_is_no_page(shop: Shop, order: Any, tmp_path: Path) -> None:
    app = Starlette(routes=routes(Settings(data=tmp_path)))
    app.state.checkout = shop.registry
    async with Browser(app) as payer:
        assert (await payer.open(order["checkout_url"])).status == 404


def test_no_process_starts_with_the_sandbox_in_production(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path, server=Server(public_url="https://omna.example.com"), payments=Payments(sandbox=True)
    )
    with pytest.raises(ConfigError, match="localhost"):
        Omna(settings)


async def test_page_waits_for_the_database(shop: Shop, order: Any, pool: asyncpg.Pool) -> None:
    app = Starlette(routes=routes(shop.registry.settings))
    async with Browser(app) as payer:
        assert (await payer.open(order["checkout_url"])).status == 503
