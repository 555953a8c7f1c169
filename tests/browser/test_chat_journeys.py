"""The chat as people go through it: nothing kept, other branches, no Credits left, the keyboard alone (J17, J18, J20, J24)."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import Visit
from tests.harness.chats import send
from tests.harness.files import png
from tests.harness.installation import COMPLETION_TOKEN, Installation
from tests.harness.people import PASSWORD, People, Somebody, enter, program
from tests.harness.replica import Replica

MARKER = "zebra-7301"
WHOLE = " ".join(["tok"] * 30)
#: Pays for the question and for some dozens of words.
LITTLE = str(Decimal(COMPLETION_TOKEN) * 60 / 10**9)

ENGLISH = {
    "locale": "en-GB", "message": "Message", "send": "Send", "cost": "What this answer cost", "answer": "Answer of", "edit": "Edit message",
    "rerun": "Save and ask again", "before": "Alternative before", "other": "Answer with another model",
    "fork": "Continue in a new chat", "ended": "Recharge", "free": "Charged 0.",
}  # fmt: skip
CHINESE = {
    "locale": "zh-CN", "message": "消息", "send": "发送", "cost": "本次回答的费用", "answer": "的回答", "edit": "编辑消息",
    "rerun": "保存并重新提问", "before": "上一个版本", "other": "换一个模型回答",
    "fork": "在新对话中继续", "ended": "充值", "free": "收费 0。",
}  # fmt: skip
BOTH = pytest.mark.parametrize("say", [ENGLISH, CHINESE], ids=["en", "zh"])
Say = dict[str, str]


@pytest.fixture(scope="module")
async def models(house: Installation, site: Replica) -> None:
    await house.model("steady", upstream_model="long-30-40", name="Steady", context=100_000)
    await house.model("brisk", upstream_model="long-30-200", name="Brisk", context=100_000)
    await house.model("broken", upstream_model="refuse-500", name="Broken", context=100_000)
    await house.model("endless", upstream_model="long-2000-40", name="Endless", context=100_000)


@pytest.fixture
async def ada(people: People, models: None) -> Somebody:
    somebody = await people.arrive("Ada", password=PASSWORD)
    await people.give(somebody.personal, "5")
    return somebody


def answers(page: Page, say: Say = ENGLISH) -> Locator:
    return page.get_by_role("article", name=say["answer"])


def field(page: Page, say: Say = ENGLISH) -> Locator:
    return page.get_by_role("textbox", name=say["message"], exact=True)


def cost(page: Page, say: Say = ENGLISH) -> Locator:
    """Return the footer of the last answer."""
    return answers(page, say).last.get_by_role("button", name=say["cost"])


async def amount(place: Locator) -> Decimal:
    await expect(place).to_be_visible()
    return Decimal(await place.locator("data").first.get_attribute("value") or "")


async def click(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).last.click()


async def begin(visitor: Any, somebody: Somebody, model: str, text: str, say: Say = ENGLISH) -> Page:
    await enter(visitor, somebody, f"/app/chat?model={model}&q={text}")
    await expect(field(visitor.page, say)).to_have_value(text)
    await expect(visitor.page.get_by_role("main").get_by_text(model.title(), exact=True).first).to_be_visible()
    page: Page = visitor.page
    return page


async def asked(site: Replica, somebody: Somebody, path: str) -> Any:
    async with program(site.address, session=somebody.session) as api:
        found = await api.get(f"/api/workspaces/{somebody.workspace}/{path}")
        assert found.status_code == 200, found.text
        return found


async def charges(site: Replica, somebody: Somebody) -> list[Decimal]:
    """Return the costs of all requests, newest first; the ledger says the same."""
    rows = (await asked(site, somebody, "usage/requests")).json()["items"]
    lines = (await asked(site, somebody, "ledger/lines?group=none")).json()["items"]
    costs = [Decimal(row["cost"]) for row in rows]
    assert -sum(amount for line in lines if (amount := Decimal(line["amount"])) < 0) == sum(costs)
    return costs


async def test_temporary_chat_leaves_only_its_charge(visit: Visit, site: Replica, ada: Somebody) -> None:
    async with visit() as person:
        await enter(person, ada, "/app/chat?model=steady")
        page = person.page
        await page.get_by_role("switch", name="Temporary").check()
        await expect(page.get_by_role("note").first).to_contain_text("Temporary chat: not stored")
        await field(page).fill(MARKER)
        await click(page, "Send")
        await expect(answers(page)).to_contain_text(WHOLE)
        charge = await amount(cost(page))
        assert charge > 0
        assert await charges(site, ada) == [charge]
        assert await person.axe() == []
        assert await person.overflow() <= 0
        # The next message takes along what was said before.
        await field(page).fill("and?")
        await click(page, "Send")
        await expect(answers(page)).to_have_count(2)
        await expect(answers(page).last).to_contain_text(WHOLE)
        await amount(cost(page))
        await click(page, "New chat")
        await expect(answers(page)).to_have_count(0)
        await page.go_back()
        await page.go_forward()
        await expect(page.get_by_text(MARKER)).to_have_count(0)
        await page.reload()
        await expect(field(page)).to_have_value("")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        stored = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}]) + location.href")
        assert MARKER not in stored
    for path in ("chats", f"chats?q={MARKER}", "chats/export?format=json", "chats/export?format=markdown"):
        assert MARKER not in (await asked(site, ada, path)).text
    assert len(await charges(site, ada)) == 2


@BOTH
async def test_branches_models_and_forks_stand_beside_each_other(
    visit: Visit, site: Replica, ada: Somebody, say: Say
) -> None:
    async with visit(locale=say["locale"]) as person:
        page = await begin(person, ada, "brisk", "first", say)
        await click(page, say["send"])
        await amount(cost(page, say))
        await page.get_by_role("button", name=say["edit"]).click()
        box = page.get_by_role("textbox", name=say["edit"])
        await expect(box).to_have_value("first")
        await box.fill("second")
        await click(page, say["rerun"])
        await expect(page.get_by_text("second", exact=True).last).to_be_visible()
        await amount(cost(page, say))
        await expect(page.get_by_text("2/2")).to_be_visible()
        # By the keyboard, too.
        question = page.locator("article[data-role=user]")
        await question.focus()
        await page.keyboard.press("ArrowLeft")
        await expect(question).to_contain_text("first")
        await expect(question).to_contain_text("1/2")
        await page.reload()
        await expect(question).to_contain_text("first")

        await page.get_by_role("button", name=say["other"]).click()
        await page.get_by_role("menuitem", name="Broken").click()
        await expect(answers(page, say)).to_contain_text(say["free"])
        await expect(answers(page, say)).to_contain_text("2/2")
        await answers(page, say).focus()
        await page.keyboard.press("ArrowLeft")
        await expect(answers(page, say)).to_contain_text(WHOLE)
        assert await person.axe() == []
        assert await person.overflow() <= 0
        address = page.url
        await answers(page, say).get_by_role("button", name=say["fork"]).click()
        await expect(page).not_to_have_url(address)
        await expect(question).to_contain_text("first")
        await expect(answers(page, say)).to_contain_text(WHOLE)
        await expect(page.get_by_text("2/2")).to_have_count(0)
    costs = await charges(site, ada)
    assert len(costs) == 3
    assert sorted(costs)[0] == 0 < sorted(costs)[1]


async def test_unfit_files_are_said_before_sending(visit: Visit, ada: Somebody, tmp_path: Path) -> None:
    picture, archive = tmp_path / "cat.png", tmp_path / "cat.zip"
    picture.write_bytes(png(40, 40))
    archive.write_bytes(b"PK\x03\x04")
    async with visit() as person:
        page = await begin(person, ada, "brisk", "look")
        chooser = page.locator("input[type=file]")
        for file, words in (
            (archive, "Files of this type cannot be attached."),
            (picture, "Brisk cannot see pictures."),
        ):
            await chooser.set_input_files(file)
            await expect(page.get_by_text(words)).to_be_visible()
            await field(page).press("ControlOrMeta+Enter")
            await expect(field(page)).to_have_value("look")
            await expect(answers(page)).to_have_count(0)
            assert await person.axe() == []
            assert await person.overflow() <= 0
            await page.get_by_role("button", name=f"Remove {file.name}").click()
        await send(page)
        await expect(answers(page)).to_contain_text(WHOLE)


@BOTH
async def test_credits_that_end_keep_what_arrived_and_the_draft(
    visit: Visit, site: Replica, people: People, models: None, say: Say
) -> None:
    bob = await people.arrive("Bob")
    await people.give(bob.personal, LITTLE)
    async with visit(locale=say["locale"]) as person:
        page = await begin(person, bob, "endless", "go", say)
        await click(page, say["send"])
        await expect(answers(page, say)).to_contain_text("tok tok tok")
        await field(page, say).fill("my draft")
        recharge = answers(page, say).get_by_role("link", name=say["ended"])
        await expect(recharge).to_be_visible()
        charge = await amount(cost(page, say))
        assert 0 < charge <= Decimal(LITTLE)
        assert await charges(site, bob) == [charge]
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await recharge.click()
        await page.wait_for_url("**/recharge")
        await page.go_back()
        await expect(field(page, say)).to_have_value("my draft")
        await expect(answers(page, say)).to_contain_text("tok tok tok")


async def test_first_message_without_credits_is_refused_in_words(
    visit: Visit, site: Replica, people: People, models: None
) -> None:
    cara = await people.arrive("Cara")
    async with visit() as person:
        page = await begin(person, cara, "brisk", "hello")
        await field(page).press("ControlOrMeta+Enter")
        # Refused when it is sent, or said before where the estimate came first.
        refusal = page.get_by_role("alert").or_(page.get_by_role("status")).filter(has_text="balance")
        await expect(refusal).to_be_visible()
        await expect(field(page)).to_have_value("hello")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await refusal.get_by_role("link", name="Recharge").click()
        await page.wait_for_url("**/recharge")
        assert (await asked(site, cara, "chats")).json()["items"] == []
        # With Credits the same draft is sent.
        await people.give(cara.personal, "1")
        await page.go_back()
        await expect(field(page)).to_have_value("hello")
        await expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
        await send(page)
        await expect(answers(page)).to_contain_text(WHOLE)


COMPOSED = """element => [{isComposing: true}, {keyCode: 229}].map(how =>
    element.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true, ...how})))"""


async def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Go on with the keyboard until something has the focus; it is seen on the way."""
    for _ in range(60):
        await page.keyboard.press(key)
        assert await page.evaluate("document.activeElement.matches(':focus-visible')")
        if await wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} cannot be reached")


async def test_keyboard_alone_is_enough(visit: Visit, site: Replica, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await person.go("/sign-in?next=/app/chat?model=steady")
        await tab_to(page, page.get_by_label("E-mail"))
        await page.keyboard.type(ada.email)
        await tab_to(page, page.get_by_label("Password", exact=True))
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/chat$"))
        await expect(field(page)).to_be_visible()
        await page.keyboard.press("Shift+Escape")
        await expect(field(page)).to_be_focused()
        await page.keyboard.type("one")
        assert await field(page).evaluate(COMPOSED) == [True, True]
        await expect(field(page)).to_have_value("one")
        await expect(answers(page)).to_have_count(0)
        # Sends on every device; Enter alone begins a new line where the keyboard is on the screen.
        await page.keyboard.press("Control+Enter")
        await expect(answers(page)).to_contain_text("tok tok")
        await expect(field(page)).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(answers(page)).to_contain_text("You stopped this answer.")
        await page.keyboard.type("two")
        await page.keyboard.press("Control+Enter")
        await expect(answers(page).last).to_contain_text(WHOLE)
        await expect(cost(page)).to_be_visible()
        address = page.url
        await page.keyboard.press("Alt+ArrowUp")
        await expect(answers(page).last).to_be_focused()
        await tab_to(page, cost(page))
        await page.keyboard.press("Enter")
        await expect(answers(page).last.get_by_role("link", name="Receipt")).to_be_visible()
        await tab_to(page, answers(page).last.get_by_role("link", name="Receipt"))
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/usage/req_*")
        await page.go_back()
        await expect(page).to_have_url(address)
        await expect(answers(page).last).to_contain_text(WHOLE)
        assert await person.axe() == []
        assert await person.overflow() <= 0


async def test_message_sent_while_models_load_goes_out_when_they_are_there(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        held: list[Route] = []

        async def hold(route: Route) -> None:
            held.append(route)

        await page.route(re.compile(r"/api/workspaces/[^/]+/models"), hold)
        await enter(person, ada, "/app/chat?model=brisk&q=early")
        await expect(field(page)).to_have_value("early")
        await send(page)
        await expect(page.get_by_text("as soon as the models are loaded")).to_be_visible()
        await expect(answers(page)).to_have_count(0)
        for route in held:
            await route.continue_()
        await expect(answers(page)).to_contain_text(WHOLE)
        await expect(cost(page)).to_contain_text("Brisk")
        await expect(field(page)).to_have_value("")
        assert await person.axe() == []
        assert await person.overflow() <= 0
