"""The status page on a real database: what is stopped, since when, and what a day's spending has paused."""

import re

import asyncpg
import pytest

from omna.announcements import service as announcements
from omna.announcements.service import Wish
from omna.audit.service import Actor
from omna.catalog import service
from omna.catalog.model import rates
from omna.money import Nanocredits, parse_credits
from omna.risk import service as risk
from omna.vault.keyring import Keyring
from tests.integration.website.conftest import Open


@pytest.fixture
async def models(connection: asyncpg.Connection, keyring: Keyring, actor: Actor) -> None:
    async with connection.transaction():
        for provider in ("acme", "other"):
            await service.add_provider(
                connection, provider, kind="openai", base_url=f"https://api.{provider}.example/v1", secret="sk-x",
                allow_private=False, keyring=keyring, actor=actor,
            )  # fmt: skip
            await service.add_model(
                connection, f"{provider}/quick", provider=provider, upstream_model="quick", name=f"{provider} Quick".title(),
                prices=rates(parse_credits("1"), parse_credits("1")), costs=rates(0, 0), actor=actor,
            )  # fmt: skip


def states(page_text: str) -> list[str]:
    return re.findall(r"(Running|Paused|Not available)(?= |$)", page_text.partition("Now")[2].partition("The last")[0])


async def test_a_stop_is_seen_at_once_with_its_message_and_its_beginning(
    models: None, connection: asyncpg.Connection, visit: Open, actor: Actor
) -> None:
    browser = visit()
    page = await browser.open("/status")
    assert (page.status, page.answer.headers["cache-control"]) == (200, "no-store")
    assert "Everything works." in page.text
    assert states(page.text) == ["Running"] * 4
    assert "third-party providers; availability, quality, latency and behaviour may depend on them" in page.text
    assert "Too few requests" in page.text
    async with connection.transaction():
        for scope, message in (("chat", "Back at noon."), ("model:acme/quick", "")):
            await risk.stop(connection, scope, cut_streams=False, reason="secret reason", message=message, actor=actor)
    page = await browser.open("/status")
    assert states(page.text.partition("Paused by the operator")[0]) == ["Running", "Paused", "Running", "Running"]
    assert "Chat is paused for now. Back at noon." in page.text
    assert re.search(r"since \d{4}-\d\d-\d\d \d\d:\d\d UTC", page.text)
    assert "The model acme/quick is paused for now." in page.text
    assert "Paused models" in page.text
    assert "Other Quick" not in page.text
    assert "secret reason" not in page.answer.text
    told = (await browser.open("/status.json")).answer.json()
    assert told["parts"] == {"api": "running", "chat": "paused", "recharges": "running", "sign_up": "running"}
    assert [stop["scope"] for stop in told["stops"]] == ["chat", "model:acme/quick"]
    assert (told["ok"], told["paused_models"]) == (False, ["acme/quick"])
    chinese = await visit(language="zh").open("/status")
    assert "由运营者暂停" in chinese.text
    async with connection.transaction():
        for scope in ("chat", "model:acme/quick"):
            await risk.resume(connection, scope, reason="over", actor=actor)
        await risk.stop(connection, "all", cut_streams=True, reason="x", message="Soon.", actor=actor)
    page = await browser.open("/status")
    assert states(page.text.partition("Paused by the operator")[0]) == ["Paused"] * 4
    assert "Paused models" not in page.text


async def test_models_whose_day_is_spent_are_paused_for_today_and_announcements_stand_there(
    models: None, connection: asyncpg.Connection, visit: Open, actor: Actor
) -> None:
    async with connection.transaction():
        await risk.cap_model(connection, "acme/quick", Nanocredits(0), actor=actor)
        await risk.cap_provider(connection, "other", monthly_cap=Nanocredits(0), actor=actor)
        wish = Wish("warning", "We move on Sunday.", "我们周日搬迁。")
        await announcements.announce(connection, wish, reason="tests", actor=actor)
    page = await visit().open("/status")
    assert "Paused for today" in page.text
    assert "/models/acme/quick" in page.links
    assert "/models/other/quick" in page.links
    assert page.text.count("We move on Sunday.") == 1
    told = (await visit().open("/status.json")).answer.json()
    assert told["paused_for_today"] == ["acme/quick", "other/quick"]
    assert told["answered_last_day"] is None
    assert "我们周日搬迁。" in (await visit(language="zh").open("/status")).text


async def test_status_answers_without_a_database_and_says_so(visit: Open) -> None:
    browser = visit(sign_up="invite")
    assert "By invitation." in (await browser.open("/status")).text
    browser.app.state.desk = None  # type: ignore[attr-defined]
    page = await browser.open("/status")
    assert page.status == 200
    assert "The database cannot be reached" in page.text
    assert states(page.text) == ["Not available"] * 4
    assert set((await browser.open("/status.json")).answer.json()["parts"].values()) == {"away"}
