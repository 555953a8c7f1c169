"""Hostile names, files, references and words wherever people and staff meet them: nothing runs, nothing is loaded, and
what was written is read as it was written (J28). The chat itself is in test_chat_rendering.py."""

from collections.abc import Iterable

import httpx2
from playwright.async_api import expect

from omna.ids import show
from tests.browser.conftest import Visit
from tests.harness.browser import Visitor
from tests.harness.chats import bring, conversation
from tests.harness.files import png
from tests.harness.hostile import FILE_NAMES, NAMES, TEXTS, WATCH, inert
from tests.harness.installation import Installation
from tests.harness.orders import decide, order
from tests.harness.people import People, Somebody, enter, program
from tests.harness.replica import Replica
from tests.harness.staff import Employee, hire, prove, sign_in_staff
from tests.harness.wire import HI

#: Everything at once, within what fits into a message of a request.
WORDS = "\n\n".join(TEXTS)[:9_000]


#: Nothing in it lets a line break.
LONG = NAMES[-1]


class Scene:
    """What a customer named as badly as they could: addresses and ids."""

    def __init__(self, ada: Somebody) -> None:
        self.ada = ada
        self.base = f"/app/w/{ada.workspace}"
        self.ticket = self.order = self.share = self.chat = self.key = self.request = ""


async def furnish(people: People, site: Replica, staff: Employee) -> Scene:
    """Give everything a hostile name."""
    ada = await people.arrive("Ada")
    await people.give(ada.personal, "5")
    scene = Scene(ada)
    await bring(site, ada, conversation([(LONG, LONG)], model="writer", title=LONG))
    scene.chat = await bring(site, ada, conversation([(text, text) for text in TEXTS], model="writer", title=NAMES[0]))
    here = f"/api/workspaces/{ada.workspace}"
    async with program(site.address, session=ada.session) as api:
        await done(api.patch("/api/account", json={"name": NAMES[0]}))
        await done(api.patch(here, json={"name": NAMES[1]}))
        made = (
            await done(api.post(f"{here}/keys", json={"name": NAMES[2], "spend_limit": "1", "spend_period": "day"}))
        ).json()
        scene.key = made["key"]["id"]
        scene.request = (
            await site.ask("POST", "/v1/chat/completions", body={"model": "openrouter-free", "messages": HI}, key=made["secret"])
        ).request_id  # fmt: skip
        await done(api.post(f"{here}/keys", json={"name": LONG, "spend_limit": "1", "spend_period": "day"}))
        await done(api.post(f"{here}/tickets", json={"category": "other", "subject": LONG, "text": LONG}))
        for name in (*NAMES[:4], LONG):
            await done(api.post(f"{here}/chat/folders", json={"name": name, "system_prompt": name}))
            await done(api.post(f"{here}/chat/prompts", json={"name": name, "text": f"{name} {{{{{name[:10]}}}}}"}))
            await done(api.post(f"{here}/chat/presets", json={"name": name, "model": "openrouter-free"}))
        shared = await done(api.post(f"{here}/chats/{scene.chat}/shares", json={"audience": "anyone"}))
        scene.share = shared.json()["url"].rpartition("/s/")[2]
        files = [await upload(site, ada, name) for name in FILE_NAMES[:2]]
        asked = {
            "category": "billing", "subject": NAMES[3], "text": WORDS, "attachments": files, "payment_reference": NAMES[1],
            "payment_method": NAMES[0], "amount": NAMES[4], "account_email": NAMES[2], "reason": NAMES[5],
            "browser": NAMES[0],
        }  # fmt: skip
        scene.ticket = (await done(api.post(f"{here}/tickets", json=asked))).json()["id"]
        scene.order = (await order(api, ada.workspace))["id"]
        proof = {
            "upload_id": await upload(site, ada, FILE_NAMES[0], 9),
            "payer_reference": NAMES[0],
            "note": WORDS[:900],
        }
        await done(api.put(f"{here}/recharges/{scene.order}/proof", json=proof))
    await decide(site.address, staff, f"recharges/{scene.order}/claim", {})
    await decide(site.address, staff, f"recharges/{scene.order}/ask", {"question": NAMES[0], "reason": NAMES[1]})
    await decide(site.address, staff, f"tickets/{scene.ticket}/messages", {"text": WORDS})
    return scene


async def done(answer: object) -> httpx2.Response:
    got: httpx2.Response = await answer  # type: ignore[misc]
    assert got.status_code < 300, got.text
    return got


async def upload(site: Replica, ada: Somebody, name: str, width: int = 8) -> str:
    headers = {"sec-fetch-site": "same-origin", "x-omna-request": "1"}
    async with httpx2.AsyncClient(
        base_url=site.address, headers=headers, cookies={"omna_session": ada.session}, verify=False
    ) as form:
        file = {"file": (name, png(width, len(name) % 60 + 8), "image/png")}
        found: str = (await done(form.post(f"/api/workspaces/{ada.workspace}/uploads", files=file))).json()["id"]
        return found


async def look_at(person: Visitor, pages: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    """Open pages and read on each what was written; nothing of it does anything."""
    for path, said in pages:
        await person.go(path)
        for words in said:
            await expect(person.page.get_by_text(words).filter(visible=True).first).to_be_visible()
        await person.page.wait_for_load_state("networkidle")
        assert await inert(person.page) == [], path
        assert await person.overflow() <= 0, path


async def test_hostile_names_are_text_for_strangers_customers_and_staff(
    visit: Visit, people: People, site: Replica, house: Installation
) -> None:
    await house.model("writer", upstream_model="ok")
    staff = await hire(people, "owner", "Olga")
    scene = await furnish(people, site, staff)
    base, ada = scene.base, scene.ada
    async with visit() as stranger:
        await stranger.page.add_init_script(WATCH)
        await look_at(stranger, [(f"/s/{scene.share}", (NAMES[0], "{{constructor.constructor('window.hit=1')()}}"))])
        assert await stranger.page.locator("main img, main svg, main iframe, main script, main style").count() == 0
        hrefs = await stranger.page.locator("main a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert hrefs
        assert [href for href in hrefs if not href.startswith(("https://", "mailto:"))] == []
        assert await stranger.axe() == []
    # A frozen workspace shows nothing to strangers any more; its people read why.
    await prove(people, staff, "workspace.freeze", ada.workspace)
    frozen = await decide(
        site.address, staff, f"workspaces/{ada.workspace}/freeze", {"message": NAMES[0], "reason": NAMES[1]}
    )
    async with visit() as person:
        await person.page.add_init_script(WATCH)
        await enter(person, ada, base)
        await look_at(
            person,
            [
                *((f"{base}/chat/{kept}", NAMES[:2]) for kept in ("prompts", "presets")),
                (f"{base}/chat/links", (NAMES[0],)),
                (f"{base}/keys", (NAMES[2],)),
                (f"{base}/keys/{scene.key}", (NAMES[2],)),
                (f"{base}/usage/{scene.request}", (NAMES[2],)),
                (f"{base}/support/{scene.ticket}", (NAMES[3], "=1+1")),
                (f"{base}/orders/{scene.order}", (NAMES[0],)),
                (f"{base}/support", (LONG,)),
                ("/app/settings/profile", ()),
            ],
        )
    async with visit() as person:
        await person.page.add_init_script(WATCH)
        await sign_in_staff(person, staff, "/console")
        await look_at(
            person,
            [
                ("/console/users", (NAMES[0],)),
                (f"/console/users/{show('usr', ada.user_id)}", (NAMES[0],)),
                ("/console/workspaces", (NAMES[1],)),
                (f"/console/workspaces/{ada.workspace}", (NAMES[1],)),
                ("/console/support?q=autofocus", (NAMES[3],)),
                (f"/console/support/{scene.ticket}", (NAMES[3], NAMES[5])),
                (f"/console/recharges/{scene.order}", (NAMES[0],)),
                (f"/console/audit?subject={ada.workspace}", ()),
                (f"/console/audit/{frozen['audit_seq']}", (NAMES[1],)),
            ],
        )
        assert await person.axe() == []
