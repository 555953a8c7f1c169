"""Models, prices and questions on a real database: as the catalogue says, now and without it."""

from datetime import timedelta

import asyncpg
import pytest

from omna.audit.service import Actor
from omna.catalog import editing, pricing, service
from omna.catalog.model import rates
from omna.catalog.pricing import Wanted
from omna.clock import now
from omna.db.pool import Connection
from omna.money import parse_credits
from omna.usage import platform_store
from omna.usage.platform_model import HourSums
from omna.vault.keyring import Keyring
from tests.integration.website.conftest import Open


@pytest.fixture
async def shelf(connection: asyncpg.Connection, keyring: Keyring, actor: Actor) -> Connection:
    """A model that costs something, one that is free, and one that nobody is shown."""
    async with connection.transaction():
        await service.add_provider(
            connection, "acme", kind="openai", base_url="https://api.acme.example/v1", secret="sk-acme",
            allow_private=False, keyring=keyring, actor=actor,
        )  # fmt: skip
        for model_id, prompt, completion in (("acme/quick", "0.25", "2"), ("openrouter-free", "0", "0"), ("acme/hidden", "1", "1")):  # fmt: skip
            await service.add_model(
                connection, model_id, provider="acme", upstream_model=model_id, name=model_id.title(),
                prices=rates(parse_credits(prompt), parse_credits(completion)), costs=rates(0, 0), context_length=128_000,
                supported_parameters=("tools",) if model_id == "acme/quick" else None, actor=actor,
            )  # fmt: skip
        await service.set_alias(connection, "quick", "acme/quick", actor=actor)
        await editing.set_hidden(connection, "acme/hidden", True, reason="tests", actor=actor)
    return connection


async def test_pages_show_the_prices_of_the_catalogue_at_this_moment(
    shelf: Connection, visit: Open, actor: Actor
) -> None:
    browser = visit()
    listed = await browser.open("/models")
    assert "Acme/Quick acme/quick" in listed.text
    assert "0.25 US$0.25 2.00 US$2.00" in listed.text
    assert "Free" in listed.text
    assert "hidden" not in listed.text
    one = await browser.open("/models/acme/quick")
    assert "Input per 1M tokens 0.25 US$0.25" in one.text
    assert "in effect" in one.text
    assert "Also answers to quick" in one.text
    landing = await browser.open("/")
    # 500 × 0.25 + 300 × 2 per million, and a thousand of them.
    assert "500 tokens asked, 300 answered, with Acme/Quick: 0.000725 Credits ≈ US$0.000725" in landing.text
    assert "0.725 Credits" in landing.text
    many = await browser.open("/?model=acme/quick&chats=2&asked=1000000&answered=0#price")
    assert "What would 2 chats cost?" in many.text
    # A number that nobody means is none.
    assert "500 tokens asked" in (await browser.open("/?asked=00000001" + "9" * 5000)).text
    # The next look shows the next price: no page is older than the list of the gateway.
    async with shelf.transaction():
        await pricing.set_price(
            shelf, "acme/quick", Wanted(rates(parse_credits("0.5"), parse_credits("3"))), reason="tests", actor=actor
        )
    assert "0.50 US$0.50 3.00 US$3.00" in (await browser.open("/models")).text
    assert "past" in (await browser.open("/models/acme/quick")).text


async def test_what_is_coming_is_announced(shelf: Connection, visit: Open, actor: Actor) -> None:
    browser, later = visit(), now() + timedelta(days=40)
    async with shelf.transaction():
        await pricing.set_price(
            shelf, "acme/quick", Wanted(rates(parse_credits("0.75"), parse_credits("4")), effective_from=later), reason="tests",
            actor=actor,
        )  # fmt: skip
        await editing.deprecate(
            shelf, "acme/quick", retires_at=later, successor="openrouter-free", reason="tests", actor=actor
        )
    day = later.strftime("%Y-%m-%d %H:%M")
    for path in ("/models", "/models/acme/quick"):
        page = await browser.open(path)
        assert f"New price from {day} UTC: input 0.75, output 4.00 Credits." in page.text
        assert f"This model leaves on {day} UTC." in page.text
        assert "Use openrouter-free instead." in page.text
    assert "announced" in (await browser.open("/models/acme/quick")).text


async def test_addresses_of_the_list(shelf: Connection, visit: Open) -> None:
    browser = visit(language="zh")
    assert "acme/quick" not in (await browser.open("/models?free=1")).text
    assert "没有符合条件的模型" in (await browser.open("/models?q=zebra")).text
    side = await browser.open("/compare?m=acme/quick&m=quick&m=openrouter-free&m=acme/hidden")
    assert side.text.count("acme/quick") == 1
    assert "提问 500，回答 300 0.000725" in side.text
    assert "请在列表中选择" in (await browser.open("/compare?m=acme/quick")).text
    assert (await browser.open("/models/acme/hidden")).status == 404
    assert (await browser.open("/models/quick")).answer.headers["location"] == "/models/acme/quick"
    text = (await browser.open("/models/acme/quick.md")).answer
    assert text.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "| 输入 | 0.25 | 0.25 |" in text.text
    assert "`acme/quick`" in (await browser.open("/models.md")).answer.text
    assert "<link>http://localhost:5108/models/acme/quick</link>" in (await browser.open("/models.rss")).answer.text
    assert "/models/acme/quick" in (await browser.open("/sitemap.xml")).answer.text


async def test_pages_answer_while_the_database_is_away(shelf: Connection, visit: Open) -> None:
    known, unknown = visit(), visit()
    await known.open("/models")
    for browser in (known, unknown):
        browser.app.state.desk = None  # type: ignore[attr-defined]
    page = await known.open("/models")
    assert page.status == 200
    assert "The database does not answer: this is as of" in page.text
    assert "0.25 US$0.25" in page.text
    assert (await known.open("/models/acme/quick")).status == 200
    assert (await unknown.open("/models")).status == 503
    for browser, words in ((known, "Acme/Quick"), (unknown, "The price list cannot be read at this moment")):
        landing = await browser.open("/")
        assert landing.status == 200
        assert words in landing.text


async def test_a_model_says_how_it_answered_when_enough_asked_it(
    shelf: Connection, visit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Too few requests" in (await visit().open("/models/acme/quick")).text

    async def hours(*_: object) -> HourSums:
        return HourSums(40, 1, 19_500, 39, 97_500, 19_500, 7_800)

    monkeypatch.setattr(platform_store, "model_hours", hours)
    page = await visit().open("/models/acme/quick")
    assert "First token after 0.50 s Speed 100 tokens/s Answered 97.50 %" in page.text


async def test_way_in_is_the_one_that_is_open(visit: Open) -> None:
    assert "Get an API key" in (await visit().open("/")).text
    closed = await visit(sign_up="invite").open("/")
    assert "Get an API key" not in closed.text
    assert "Request access" in closed.text
    assert "Accounts are made by invitation for now: access is controlled" in closed.text
    assert "/sign-up" not in closed.links
    assert "Each new account is looked at first" in (await visit(sign_up="approval").open("/")).text


#: F1 to F13 (and those of the refund policy that are questions) in words that must stand on the page.
FACTS = {
    "en": {
        "/": (
            "multi-model platform: model access, API keys, usage tracking, Credits billing and risk controls",
            "Bought once, spent across enabled models", "Plan my AI workflow", "openrouter-free", "Bearer omna_xxx",
            "Recharge.", "Create keys.", "Watch usage.", "Read the ledger.", "requests-per-minute limit",
            "Provider caps, user freeze, audit logs, recharge review, refunds, chargebacks and an emergency stop",
            "One workspace and one balance instead of a subscription for every tool", "OpenAI-compatible gateway",
            "no proxy nodes, no airport subscriptions, no VPN, no node resale", "reviewed by a person before Credits",
            "Refunds follow the refund policy", "No fee on top",
        ),
        "/faq": (
            "No. Omna offers no proxy nodes", "each use is deducted", "Unused Credits may be refunded", "duplicate payment",
            "Chargebacks may bring", "account e-mail, payment method, payment reference, amount and reason",
        ),
    },
    "zh": {
        "/": (
            "多模型平台：模型访问、API 密钥、用量记录、Credits 计费与风险控制", "一次购买", "Plan my AI workflow",
            "每分钟请求数限制", "供应商上限、用户冻结、审计日志、充值审核、退款、拒付处理和紧急停止", "取代每个工具各自的订阅",
            "兼容 OpenAI 的网关", "不提供代理、机场、VPN、节点转售", "需要人工审核", "退款按退款政策处理",
        ),
        "/faq": ("不是。Omna 不提供代理、机场、VPN、节点转售", "未使用的 Credits 可以退款", "重复付款", "拒付可能导致", "付款凭据号"),
    },
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(FACTS))
async def test_facts_stand_on_the_pages_as_text(visit: Open, language: str) -> None:
    browser = visit(language=language)
    for path, facts in FACTS[language].items():
        page = await browser.open(path)
        text = page.text.replace(" ", "").lower()
        assert [fact for fact in facts if fact.replace(" ", "").lower() not in text] == []
        assert page.tags.count("h1") == 1
