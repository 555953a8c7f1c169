"""What the operator states in public, on the pages that need a database (J26); tests/unit/website has the others."""

import asyncpg
import pytest

from omna.audit.service import Actor
from omna.catalog import service
from omna.catalog.model import rates
from omna.money import parse_credits
from omna.risk import service as risk
from omna.vault.keyring import Keyring
from tests.integration.website.conftest import Open

#: A page, a fact that has its home there, and phrases of it in English and in Chinese.
FACTS = (
    ("/sign-up", "F7", ("One workspace and one balance",), ("一个工作区，一个余额",)),
    ("/sign-up", "F10", ("no proxy, airport, VPN or node resale service",), ("代理、机场、VPN、节点转售",)),
    (
        "/sign-up", "F17",
        ("illegal activity, abuse, credential theft, spam, malware, attacks or evading limits",),
        ("违法活动、滥用、盗取凭据、垃圾信息、恶意软件、攻击或规避限制",),
    ),
    (
        "/models/openrouter-free", "F19",
        ("third-party providers; availability, quality, latency and behaviour may depend on them",),
        ("第三方供应商", "可用性、质量、延迟和行为可能取决于它们"),
    ),
    *((path, "F24", ("help@example.com",), ("help@example.com",)) for path in ("/", "/models", "/sign-up", "/status")),
)  # fmt: skip


@pytest.fixture
async def model(connection: asyncpg.Connection, keyring: Keyring, actor: Actor) -> None:
    async with connection.transaction():
        await service.add_provider(
            connection, "acme", kind="openai", base_url="https://api.acme.example/v1", secret="sk-acme",
            allow_private=False, keyring=keyring, actor=actor,
        )  # fmt: skip
        await service.add_model(
            connection, "openrouter-free", provider="acme", upstream_model="x", name="Free",
            prices=rates(parse_credits("0"), parse_credits("0")), costs=rates(0, 0), actor=actor,
        )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_facts_stand_on_their_pages_in_both_languages(model: None, visit: Open, language: str) -> None:
    browser = visit(language=language, support_email="help@example.com")
    for path, fact, english, chinese in FACTS:
        page = await browser.open(path)
        assert page.status == 200, path
        for phrase in english if language == "en" else chinese:
            assert phrase in page.text, (fact, path, phrase)


@pytest.mark.parametrize(
    ("language", "mode", "said", "offered"),
    [
        ("en", "invite", "Accounts are made by invitation for now", "/request-access"),
        ("zh", "invite", "目前仅凭邀请注册", "/request-access"),
        ("en", "approval", "Each new account is looked at first", "/sign-up"),
        ("zh", "approval", "每个新账户都会先经过审核", "/sign-up"),
    ],
)
async def test_landing_page_says_that_access_is_controlled(
    visit: Open, language: str, mode: str, said: str, offered: str
) -> None:
    """J15: who comes first reads why, and what they can do."""
    page = await visit(language=language, sign_up=mode).open("/")
    assert said in page.text
    assert offered in page.links
    assert said not in (await visit(language=language).open("/")).text


@pytest.mark.parametrize(("language", "said"), [("en", "Sign-up is paused"), ("zh", "注册")])
async def test_landing_page_says_that_sign_up_is_stopped(
    visit: Open, connection: asyncpg.Connection, actor: Actor, language: str, said: str
) -> None:
    async with connection.transaction():
        await risk.stop(connection, "signup", cut_streams=False, reason="flood", message="From Monday.", actor=actor)
    page = await visit(language=language).open("/")
    assert said in page.text
    assert "From Monday." in page.text
    assert "flood" not in page.text
