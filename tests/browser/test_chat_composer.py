"""Writing a message: what sends it and what does not, files, the model that reads them, parameters, drafts (CH9–CH11, CH17)."""

import re
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Visit
from tests.harness.browser import clean
from tests.harness.chats import field, open_tool
from tests.harness.files import png
from tests.harness.installation import Installation
from tests.harness.people import People, enter

COMPOSED = """element => [{isComposing: true}, {keyCode: 229}].map(how => {
    const event = new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true, ...how});
    return element.dispatchEvent(event);
})"""


async def test_message_is_written_with_files_model_and_parameters_and_kept(
    visit: Visit, house: Installation, people: People, tmp_path: Path
) -> None:
    await house.model("seer", upstream_model="ok", input_modalities=("text", "image"), name="Seer")
    ada = await people.arrive("Ada")
    await people.give(ada.personal, "25")
    picture, archive = tmp_path / "cat.png", tmp_path / "cat.zip"
    picture.write_bytes(png(40, 40))
    archive.write_bytes(b"PK\x03\x04")
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/chat")
        await pick(page, "openrouter-free")
        written = field(page)
        await written.fill("你好")
        # What an input method composes with is its own, in both ways browsers say so.
        assert await written.evaluate(COMPOSED) == [True, True]
        await expect(written).to_have_value("你好")

        await page.evaluate("navigator.clipboard.writeText('word '.repeat(1000))")
        await written.press("ControlOrMeta+V")
        files = page.get_by_role("list", name="Attached files")
        await expect(files.get_by_text("pasted.txt")).to_be_visible()
        await expect(files.get_by_text("tokens")).to_be_visible()
        await expect(written).to_have_value("你好")

        chooser = page.locator("input[type=file]")
        send = page.get_by_role("button", name="Send", exact=True)
        await chooser.set_input_files(archive)
        await expect(page.get_by_text("Files of this type cannot be attached.")).to_be_visible()
        await expect(send).to_be_disabled()
        await page.get_by_role("button", name="Remove cat.zip").click()
        await expect(send).to_be_enabled()

        await chooser.set_input_files(picture)
        await expect(page.get_by_text("openrouter-free cannot see pictures. Seer can.")).to_be_visible()
        await expect(send).to_be_disabled()
        await clean(person)
        await page.get_by_role("button", name="Switch to Seer").click()
        await expect(page.get_by_text("cannot see pictures")).to_have_count(0)
        await expect(send).to_be_enabled()

        await open_tool(page, "System prompt and parameters")
        await page.get_by_label("Temperature").fill("0.2")
        await page.get_by_label("System prompt", exact=True).fill("Be brief.")
        await expect(page.get_by_text("2 values are changed.")).to_have_count(0)
        await page.get_by_label("Max tokens").focus()
        await expect(page.get_by_text("2 values are changed.")).to_be_visible()
        await page.get_by_role("button", name="Save as preset").click()
        await page.get_by_label("Name of the preset").fill("Brief")
        await page.get_by_role("button", name="Save", exact=True).click()
        await expect(page.get_by_role("button", name="Delete preset")).to_be_visible()
        await clean(person)
        await page.get_by_role("button", name="Reset", exact=True).click()
        await expect(page.get_by_text("Nothing is changed.")).to_be_visible()
        await page.get_by_role("combobox", name="Preset").click()
        await page.get_by_role("option", name="Brief").click()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name=re.compile(r"\(changed\)$"))).to_be_visible()

        await page.reload()
        await expect(written).to_have_value("你好")
        await expect(files.get_by_role("listitem")).to_have_count(2)

        await open_tool(page, re.compile(r"^Models?\W"))
        await page.get_by_role("textbox", name="Search models").fill("see")
        await page.get_by_role("button", name="Favourite: Seer").click()
        await clean(person)
        await page.get_by_role("dialog").get_by_role("button", name="Seer").first.click()
        await expect(page.get_by_role("dialog")).to_have_count(0)
        # The focus is back where it was opened from.
        await expect(page.get_by_role("button", name=re.compile("^(Add and choose|Model: Seer)"))).to_be_focused()
        await clean(person)


async def pick(page: Page, name: str) -> None:
    """Choose a model by its shortcut and the keyboard alone."""
    await field(page).press("ControlOrMeta+Shift+M")
    search = page.get_by_role("textbox", name="Search models")
    await search.fill(name)
    await expect(page.get_by_role("group", name="Models").get_by_role("button", name=name).first).to_be_visible()
    await search.press("Enter")
    await expect(field(page)).to_have_attribute("placeholder", re.compile(name))
