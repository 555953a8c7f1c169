"""From a stranger to a request that is paid, seen and accounted for (J2): nothing is prepared but one model on sale."""

import asyncio
import csv
import re
import secrets
from decimal import Decimal
from pathlib import Path

import openai
from playwright.async_api import Locator, Page, expect

from omna.website.locales import en, zh
from tests.browser.conftest import Visit
from tests.harness.browser import Visitor
from tests.harness.installation import Installation
from tests.harness.looks import Look
from tests.harness.people import PASSWORD

STARTER = Decimal(5)
#: What is read in each language; access pages are asked for theirs.
WORDS = {
    "en-GB": {
        "access": en.TEXTS, "keys": "Keys", "create": "Create key", "name": "Name", "copy": "Copy key",
        "stored": "I have stored it", "done": "Done", "usage": "Usage", "receipt": "Receipt",
        "line": "one line of the ledger", "effect": "What it did to the balance", "ledger": "Ledger", "export": "Export",
        "ledger_export": "Export CSV",
    },
    "zh-CN": {
        "access": zh.TEXTS, "keys": "密钥", "create": "创建密钥", "name": "名称", "copy": "复制密钥",
        "stored": "我已保存", "done": "完成", "usage": "用量", "receipt": "收据", "line": "账本中的一行",
        "effect": "对余额的影响", "ledger": "账本", "export": "导出", "ledger_export": "导出 CSV",
    },
}  # fmt: skip


async def test_stranger_signs_up_calls_and_finds_every_digit_again(
    visit: Visit, house: Installation, look: Look, tmp_path: Path
) -> None:
    # A finger comes in Chinese.
    locale = "zh-CN" if look.hands == "finger" else "en-GB"
    words = WORDS[locale]
    async with visit(locale=locale) as person:
        page = person.page
        home = await arrive(person, house, words["access"])
        await expect(available(page)).to_have_attribute("value", "5")
        await person.go(f"{home}/ledger")
        await expect(page.get_by_role("heading", level=1)).to_have_text(words["ledger"])

        key, curl = await make_key(person, home, words)
        await person.go(f"{home}/usage")
        await expect(page.get_by_role("heading", level=1)).to_have_text(words["usage"])
        await expect(page.locator("main a[href*='/usage/req_']")).to_have_count(0)

        answer = await ask(person.origin, key)
        # What is charged is seen at once, without a reload.
        request = page.locator(f"main a[href$='/usage/{answer}']")
        await expect(request).to_be_visible(timeout=4_000)
        await run(curl)
        await expect(page.locator("main a[href*='/usage/req_']")).to_have_count(2, timeout=4_000)
        assert await person.axe() == []

        await request.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(words["receipt"])
        cost = await amount(page.locator("main tfoot data").last)
        assert cost == await charged(house, answer) > 0
        await page.get_by_role("link", name=words["line"]).click()
        effect = page.get_by_role("region", name=words["effect"]).locator("data")
        await expect(effect).to_have_count(3)
        before, paid, after = [await amount(one) for one in await effect.all()]
        assert (before, paid, after) == (STARTER, cost, STARTER - cost)
        assert await person.axe() == []

        await person.go(f"{home}/usage")
        await page.get_by_role("button", name=words["export"], exact=True).click()
        requests = rows(await download(page, page.get_by_role("menuitem").first, tmp_path / "usage.csv"))
        spent = sum((Decimal(row["cost"]) for row in requests if row["request"].startswith("req_")), Decimal())
        left = STARTER - spent
        await person.go(f"{home}/ledger")
        await expect(available(page)).to_have_attribute("value", f"{left.normalize():f}")
        exported = await download(page, page.get_by_role("link", name=words["ledger_export"]), tmp_path / "ledger.csv")
        lines = rows(exported)
        assert sum(Decimal(row["amount"]) for row in lines[:-1]) == Decimal(lines[-1]["amount"]) == left
        statement = "main a[href*='/ledger/statements/'][href$={}]"
        booked = rows(await download(page, page.locator(statement.format("csv")), tmp_path / "statement.csv"))
        assert (booked[-1]["kind"], Decimal(booked[-1]["balance_after"])) == ("closing", left)
        printed = await download(page, page.locator(statement.format("pdf")), tmp_path / "statement.pdf")
        assert printed.read_bytes().startswith(b"%PDF-")
        assert await person.overflow() <= 0
    await house.books_are_right()


async def arrive(person: Visitor, house: Installation, say: dict[str, str]) -> str:
    """Sign up, prove the address with the link of the mail, sign in; return where the workspace is."""
    page, email = person.page, f"stranger.{secrets.token_hex(4)}@example.com"
    await person.go("/")
    await page.get_by_role("link", name=say["nav.sign_up"]).first.click()
    await page.get_by_label(say["sign_up.name"]).fill("Dora")
    await page.get_by_label(say["sign_up.email"]).fill(email)
    await page.get_by_label(say["sign_up.password"], exact=True).fill(PASSWORD)
    await page.get_by_role("checkbox").check()
    await page.get_by_role("main").get_by_role("button", name=say["sign_up.submit"]).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(say["check_mail.title"])
    # As the operator reads it where there is no mail server.
    mail = (await house.omna("mail", "show", "--last", "--to", email, "--json")).json
    link = re.search(r"/verify-email\?token=[\w.~-]+", mail["text"])
    assert link is not None
    await person.go(link[0])
    await page.get_by_role("button", name=say["verify.submit"]).click()
    await page.get_by_label(say["sign_up.email"]).fill(email)
    await page.get_by_label(say["sign_up.password"], exact=True).fill(PASSWORD)
    await page.get_by_role("main").get_by_role("button", name=say["sign_in.submit"], exact=True).click()
    await expect(page).to_have_url(re.compile("/app/w/ws_"))
    return "/app/w/" + re.findall(r"ws_\w+", page.url)[0]


async def make_key(person: Visitor, home: str, words: dict[str, str]) -> tuple[str, str]:
    """Create a key on the page; return it as it was copied, and the line for a shell that was shown with it."""
    page = person.page
    await person.go(f"{home}/keys")
    await page.get_by_role("button", name=words["create"]).first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label(words["name"]).fill("laptop")
    await dialog.get_by_role("button", name=words["create"]).click()
    await dialog.get_by_role("button", name=words["copy"]).click()
    key: str = await page.evaluate("navigator.clipboard.readText()")
    await dialog.get_by_role("tab", name="curl").click()
    curl = await dialog.get_by_role("tabpanel").locator("code").inner_text()
    await dialog.get_by_label(words["stored"]).check()
    await dialog.get_by_role("button", name=words["done"]).click()
    await page.reload()
    await expect(page.get_by_text("laptop").first).to_be_visible()
    assert key not in await page.content()
    return key, curl


async def ask(origin: str, key: str) -> str:
    """Call the API as a program does; return the id of the request."""
    async with openai.AsyncOpenAI(base_url=f"{origin}/v1", api_key=key) as client:
        answer = await client.chat.completions.with_raw_response.create(
            model="openrouter-free", messages=[{"role": "user", "content": "Plan my AI workflow"}]
        )
    assert answer.parse().choices[0].message.content
    request_id = answer.headers["x-request-id"]
    assert request_id.startswith("req_")
    return request_id


async def run(command: str) -> None:
    """Run what was shown, as it was shown."""
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    output, _ = await process.communicate()
    assert b'"choices"' in output, output


async def charged(house: Installation, request_id: str) -> Decimal:
    return Decimal((await house.request(request_id))["charge"]) / 10**9


def available(page: Page) -> Locator:
    return page.get_by_role("banner").locator("data")


async def amount(shown: Locator) -> Decimal:
    return Decimal(await shown.get_attribute("value") or "")


async def download(page: Page, link: Locator, path: Path) -> Path:
    async with page.expect_download() as begun:
        await link.click()
    await (await begun.value).save_as(path)
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
