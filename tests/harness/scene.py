"""One of everything that an address of /api can name, and the people who may use it."""

import re
from typing import Any

import httpx2

from omna.accounts import sessions, step_up
from omna.http.principal import Role
from omna.ids import WorkspaceId, show
from tests.harness.authenticator import Authenticator
from tests.harness.console_scene import console_names
from tests.harness.files import png
from tests.harness.installation import Installation
from tests.harness.paid_scene import Counter, money_names
from tests.harness.people import OURS, People, Somebody, program
from tests.harness.replica import Replica
from tests.harness.staff import Employee, hire

#: Addresses of staff begin like this.
CONSOLE = "/api/console"


class Speaker:
    """Asks as the owner of the team, and on addresses of the console as somebody of the staff."""

    def __init__(self, owner: httpx2.AsyncClient, staff: httpx2.AsyncClient) -> None:
        self.owner = owner
        self.staff = staff

    async def request(self, method: str, address: str, **options: Any) -> httpx2.Response:
        return await (self.staff if address.startswith(CONSOLE) else self.owner).request(method, address, **options)


class Scene:
    """An owner of a team in which there is one of everything, by the names that addresses use for it; and staff."""

    def __init__(
        self, email: str, session: str, employee: Employee, workspace: WorkspaceId, names: dict[str, str]
    ) -> None:
        self.email = email
        self.session = session
        self.employee = employee
        self.workspace = workspace
        self.names = names

    def session_of(self, path: str) -> str:
        """Return the session of who may use an address."""
        return self.employee.somebody.session if path.startswith(CONSOLE) else self.session

    def address(self, path: str) -> str:
        """Return the path with what there is in the place of names."""
        names = self.names
        if "/management-keys/" in path:
            names = names | {"key": names["management_key"]}
        if "/chat/files/" in path:
            names = names | {"upload": names["chat_file"]}
        if "/audit/export/" in path:
            names = names | {"seq": names["audit_export"]}
        return re.sub(r"\{(\w+)\}", lambda match: names[match[1]], path)


async def set_scene(house: Installation, people: People, replica: Replica, path: str = "") -> Scene:
    """Make what an address names, the way people make it; without one, everything."""
    owner = await people.arrive("Olga")
    other = await people.arrive("Mallory")
    space = await people.found_team(owner)
    await people.join(space, owner, other, Role.MEMBER)
    employee = await hire(people, "owner")
    workspace = show("ws", space)
    names = {"workspace": workspace, "member": show("usr", other.user_id), "month": "2026-01"}
    # Nobody is linked to another service, and nothing was paid for here: these are names of nothing.
    names |= {"identity": show("idy", owner.user_id), "request": show("req", owner.user_id)}
    names |= {"transfer": show("tr", owner.user_id), "staff": show("usr", employee.somebody.user_id)}
    async with (
        program(replica.address, session=owner.session) as api,
        program(replica.address, session=employee.somebody.session) as desk,
    ):
        names |= await _team_names(api, f"/api/workspaces/{workspace}", owner.email, path)
        counter = Counter(people, replica.address, workspace, api, desk, employee)
        names |= await money_names(counter, other, path)
        names |= await console_names(counter, other, names, path)
        if not path or path.startswith("/api/account"):
            names |= await _account_names(api, house, people, owner, Authenticator(replica.address))
    # To add a passkey is to end every other session, so theirs begins here.
    return Scene(owner.email, await people.sign_in(owner.user_id), employee, space, names)


async def _team_names(api: httpx2.AsyncClient, here: str, email: str, path: str) -> dict[str, str]:
    names = {}
    if not path or "{key}" in path:
        names["key"] = (await _ask(api, "POST", f"{here}/keys", json={"name": "one"}))["key"]["id"]
        made = await _ask(api, "POST", f"{here}/management-keys", json={"name": "one", "role": "member"})
        names["management_key"] = made["key"]["id"]
    if not path or "{invitation}" in path:
        made = await _ask(api, "POST", f"{here}/invitations", json={"email": f"new.{email}", "role": "member"})
        names["invitation"] = made["id"]
    if not path or "{ticket}" in path or "{upload}" in path or path.endswith("/proof"):
        file = {"file": ("proof.png", png(), "image/png")}
        form = {name: value for name, value in OURS.items() if name != "content-type"}
        async with httpx2.AsyncClient(base_url=api.base_url, headers=form, cookies=api.cookies, verify=False) as sender:
            names["upload"] = (await _ask(sender, "POST", f"{here}/uploads", files=file))["id"]
            names["chat_file"] = (await _ask(sender, "POST", f"{here}/chat/files", files=file))["id"]
        asked = {"category": "other", "subject": "one", "text": "one", "attachments": [names["upload"]]}
        names["ticket"] = (await _ask(api, "POST", f"{here}/tickets", json=asked))["id"]
    if not path or "{chat}" in path or "{share}" in path:
        names |= await _chat_names(api, here, path)
    if not path or "{share}" in path:
        names["share"] = (await _ask(api, "POST", f"{here}/chats/{names['chat']}/shares", json={}))["id"]
    for kind, more in (("folder", {}), ("prompt", {"text": "one"}), ("preset", {})):
        if not path or f"{{{kind}}}" in path:
            names[kind] = (await _ask(api, "POST", f"{here}/chat/{kind}s", json={"name": "one", **more}))["id"]
    return names


async def _chat_names(api: httpx2.AsyncClient, here: str, path: str) -> dict[str, str]:
    """Bring a chat from elsewhere: a question and its answer."""

    def said(name: str, parent: str | None, role: str) -> Any:
        message = {"author": {"role": role}, "content": {"content_type": "text", "parts": ["one"]}}
        return {"id": name, "message": message, "parent": parent, "children": []}

    talk = {"q": said("q", None, "user"), "a": said("a", "q", "assistant")}
    brought = [{"id": "one", "title": "one", "mapping": talk, "current_node": "a", "create_time": 1_700_000_000}]
    await _ask(api, "POST", f"{here}/chats/import", json=brought)
    chat = (await _ask(api, "GET", f"{here}/chats"))["items"][0]["id"]
    question, answer = (await _ask(api, "GET", f"{here}/chats/{chat}"))["messages"]
    return {"chat": chat, "message": (question if path.endswith("/answers") else answer)["id"]}


async def _account_names(
    api: httpx2.AsyncClient, house: Installation, people: People, owner: Somebody, device: Authenticator
) -> dict[str, str]:
    names = {}
    made = await _ask(api, "POST", "/api/account/passkeys/options")
    credential = device.create(made["options"])
    made = await _ask(api, "POST", "/api/account/passkeys", json={"name": "phone", "credential": credential})
    names["passkey"] = made["id"]
    await people.sign_in(owner.user_id)
    rows = await _ask(api, "GET", "/api/account/sessions")
    names["session"] = next(row["id"] for row in rows if not row["current"])
    async with house.connection.transaction():
        who = await sessions.resolve(house.connection, api.cookies["omna_session"], "127.0.0.1")
        await step_up.grant(house.connection, who.session_id, "account.export", "")
    names["export"] = (await _ask(api, "POST", "/api/account/export"))["id"]
    return names


async def _ask(api: httpx2.AsyncClient, method: str, path: str, **options: Any) -> Any:
    answer = await api.request(method, path, **options)
    assert answer.status_code < 300, (path, answer.text)
    return answer.json()
