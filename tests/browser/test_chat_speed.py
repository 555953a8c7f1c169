"""A chat of 500 messages stays fast (CH15): it opens with little work, and nobody who reads upwards, or types while it
streams, waits.

Tasks are measured by the time that their thread worked, from a trace: a busy machine makes them hardly longer.
"""

import json
from typing import Any

from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Visit
from tests.harness.chats import bring, conversation
from tests.harness.installation import Installation
from tests.harness.people import People, enter
from tests.harness.replica import Replica

#: What a task of the page may take at most, and what opening may take in all.
LONGEST_TASK_MS, OPENING_MS = 100, 1_500
TURNS = 250
#: How somebody reads upwards.
WHEELS, STEP_PX = 40, 250
TRACED = ["toplevel", "devtools.timeline"]

ANSWER = """Here is part {number}, with **bold words**, `code` and a [link](https://example.org/{number}).

```python
def part_{number}(values: list[int]) -> int:
    \"\"\"Return a sum.\"\"\"
    total = 0
    for value in values:  # one by one
        total += value * {number}
    return total
```

| name | value | note |
| --- | ---: | --- |
| a | {number} | first |
| b | 12.5 | second |

$$
\\sum_{{k=1}}^{{{number}}} k^2 = \\frac{{n(n+1)(2n+1)}}{{6}}
$$

1. It costs $5 and \\(x_{number}\\).
2. And so on, for as long as a usual line of a usual answer goes.
"""


async def test_long_chat_opens_and_types_without_waiting(
    visit: Visit, browser: Browser, house: Installation, site: Replica, people: People
) -> None:
    await house.model("steady", upstream_model="long-6000-150")
    ada = await people.arrive("Ada")
    await people.give(ada.personal, "25")
    said = [(f"Question {number}?", ANSWER.format(number=number)) for number in range(1, TURNS + 1)]
    chat = await bring(site, ada, conversation(said, model="steady"))
    async with visit() as person:
        page = person.page
        # What every page loads is there already.
        await enter(person, ada, f"/app/w/{ada.workspace}/chat")
        await expect(message_box(page)).to_be_visible()

        await browser.start_tracing(page=page, categories=TRACED)
        await page.goto(f"{person.origin}/app/w/{ada.workspace}/chat/{chat}")
        # wait_for and not expect: what fails an expectation once is described at length, and the page pays for it.
        await page.get_by_text(f"Here is part {TURNS},").wait_for(timeout=15_000)
        # All of it is there for who searches in the page; buttons are there for what is near.
        await page.locator("[data-turn]").nth(2 * TURNS - 1).wait_for(state="attached", timeout=15_000)
        opening = tasks(await browser.stop_tracing())
        assert sum(opening) < OPENING_MS, sorted(map(round, opening))[-5:]
        assert await page.get_by_role("button", name="Copy answer").count() < TURNS / 10
        await expect(page.get_by_text(f"Here is part {TURNS},")).to_be_in_viewport()
        await expect(page.get_by_text("Here is part 1,")).to_have_count(1)

        await browser.start_tracing(page=page, categories=TRACED)
        end = await page.evaluate("scrollY")
        for _ in range(WHEELS):
            await page.mouse.wheel(0, -STEP_PX)
            await page.evaluate("new Promise(requestAnimationFrame).then(() => null)")
        reading = tasks(await browser.stop_tracing())
        assert await page.evaluate("scrollY") < end - WHEELS * STEP_PX / 2
        assert [round(task) for task in reading if task > LONGEST_TASK_MS] == []
        # What comes into view was drawn before.
        assert await page.get_by_role("button", name="Copy answer").count() > TURNS / 50

        await message_box(page).fill("Go on.")
        await page.get_by_role("button", name="Send", exact=True).click()
        await page.get_by_text("tok tok tok").wait_for(timeout=15_000)
        await browser.start_tracing(page=page, categories=TRACED)
        await message_box(page).press_sequentially("I type while it answers. ", delay=20)
        await page.mouse.wheel(0, -4000)
        await message_box(page).press_sequentially("And on, far above. ", delay=20)
        streaming = tasks(await browser.stop_tracing())
        assert await page.get_by_role("button", name="Stop", exact=True).count() == 1, "it was not streaming any more"
        assert [round(task) for task in streaming if task > LONGEST_TASK_MS] == []
        await page.get_by_role("button", name="Stop", exact=True).click()
        # The keyboard goes from message to message, and what has the focus is drawn.
        first = page.locator("[data-turn]").first
        await first.focus()
        await first.get_by_role("button", name="Copy message").wait_for(state="attached")


def message_box(page: Page) -> Any:
    return page.get_by_role("textbox", name="Message", exact=True)


def tasks(trace: bytes) -> list[float]:
    """Return the milliseconds that each task of a page's own thread worked."""
    events = json.loads(trace)["traceEvents"]
    main = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return [
        event["tdur"] / 1_000
        for event in events
        if event["name"] == "ThreadControllerImpl::RunTask" and (event["pid"], event["tid"]) in main and "tdur" in event
    ]
