"""Who may do what under /api: every route, every role, every management key, and the people of another workspace.

The table below is written by hand, from the table of docs/concepts/workspaces.md, and must name every route there is.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from omna.api import ROUTERS, create_api
from omna.chat.runs.runs import Runs
from omna.config import Settings
from omna.db.embedded import EmbeddedServer
from omna.http.application import routes_of, set_pool
from omna.http.principal import Role
from omna.ids import new_id, show
from tests.harness.installation import Installation, fresh_database
from tests.harness.people import OURS, People, Somebody, people_of
from tests.harness.recharges import order
from tests.upstream.server import Upstream

EVERYBODY = "owner admin billing member"
KEYS = "owner admin member"
TEAM = "owner admin"
MONEY = "owner billing"
CHAT = "owner admin member people"

#: Routes of a workspace and the roles they are for. `people`: no management key passes.
TABLE = {
    "GET /": EVERYBODY,
    "PATCH /": TEAM,
    "POST /transfer": "owner",
    "POST /deletion": "owner",
    "POST /leaving": f"{EVERYBODY} people",
    "GET /members": EVERYBODY,
    "PATCH /members/{member}": TEAM,
    "POST /members/{member}/removal": TEAM,
    "GET /invitations": TEAM,
    "POST /invitations": TEAM,
    "POST /invitations/{invitation}/resend": TEAM,
    "DELETE /invitations/{invitation}": TEAM,
    "GET /keys": KEYS,
    "POST /keys": KEYS,
    "GET /keys/{key}": KEYS,
    "PUT /keys/{key}": KEYS,
    "POST /keys/{key}/disable": KEYS,
    "POST /keys/{key}/enable": KEYS,
    "POST /keys/{key}/rotation": KEYS,
    "POST /keys/{key}/revocation": KEYS,
    "GET /management-keys": f"{TEAM} people",
    "POST /management-keys": f"{TEAM} people",
    "DELETE /management-keys/{key}": f"{TEAM} people",
    "GET /usage": EVERYBODY,
    "GET /usage/series": EVERYBODY,
    "GET /usage/requests": EVERYBODY,
    "GET /usage/requests/{request}": EVERYBODY,
    "GET /usage/export": EVERYBODY,
    "GET /ledger": "owner admin billing",
    "GET /ledger/lines": "owner admin billing",
    "GET /ledger/lines/{transfer}": "owner admin billing",
    "GET /ledger/export": "owner admin billing",
    "GET /ledger/statements": "owner admin billing",
    "GET /ledger/statements/{month}": "owner admin billing",
    "POST /promo-codes/redeem": "owner admin billing people",
    "GET /billing-details": "owner billing",
    "PUT /billing-details": "owner billing",
    "GET /recharges/{recharge}/receipt.pdf": "owner billing",
    "GET /recharges/{recharge}/refundable": "owner billing",
    "GET /disputes": "owner billing",
    "POST /refunds": "owner billing",
    "GET /refunds": "owner billing",
    "GET /refunds/{refund}": "owner billing",
    "POST /refunds/{refund}/cancel": "owner billing",
    "GET /overview": EVERYBODY,
    "GET /recharge-options": MONEY,
    "POST /recharges/quote": MONEY,
    "POST /recharges": MONEY,
    "GET /recharges": MONEY,
    "GET /recharges/{recharge}": MONEY,
    "PUT /recharges/{recharge}/proof": MONEY,
    "POST /recharges/{recharge}/cancel": MONEY,
    "POST /recharges/{recharge}/check": MONEY,
    "GET /auto-top-up": MONEY,
    "PUT /auto-top-up": MONEY,
    "DELETE /auto-top-up/saved-method": MONEY,
    "GET /models": EVERYBODY,
    "POST /uploads": EVERYBODY,
    "GET /uploads/{upload}": EVERYBODY,
    "POST /chat/files": f"{KEYS} people",
    "POST /chat/files/read": f"{KEYS} people",
    "GET /chat/files/{upload}": f"{KEYS} people",
    "DELETE /chat/files/{upload}": f"{KEYS} people",
    "GET /tickets": f"{EVERYBODY} people",
    "POST /tickets": f"{EVERYBODY} people",
    "GET /tickets/summary": f"{EVERYBODY} people",
    "GET /tickets/{ticket}": f"{EVERYBODY} people",
    "POST /tickets/{ticket}/read": f"{EVERYBODY} people",
    "POST /tickets/{ticket}/messages": f"{EVERYBODY} people",
    "POST /tickets/{ticket}/solve": f"{EVERYBODY} people",
    "POST /tickets/{ticket}/reopen": f"{EVERYBODY} people",
    "GET /tickets/{ticket}/attachments/{upload}": f"{EVERYBODY} people",
    "GET /chats": CHAT,
    "POST /chats/bulk": CHAT,
    "POST /chats/deletion": CHAT,
    "DELETE /chats/{chat}": CHAT,
    "POST /chats/{chat}/restore": CHAT,
    "GET /chats/export": CHAT,
    "GET /chats/{chat}/export": CHAT,
    "POST /chats/import": CHAT,
    "POST /chats/{chat}/shares": CHAT,
    "GET /chat/shares": CHAT,
    "DELETE /chat/shares/{share}": CHAT,
    "POST /chat/estimate": CHAT,
    "POST /chat/temporary": CHAT,
    "POST /chats": CHAT,
    "GET /chats/{chat}": CHAT,
    "PATCH /chats/{chat}": CHAT,
    "POST /chats/{chat}/fork": CHAT,
    "POST /chats/{chat}/messages": CHAT,
    "PATCH /chats/{chat}/messages/{message}": CHAT,
    "POST /chats/{chat}/messages/{message}/answers": CHAT,
    "POST /chats/{chat}/messages/{message}/continue": CHAT,
    "POST /chats/{chat}/messages/{message}/stop": CHAT,
    "GET /chats/{chat}/messages/{message}/stream": CHAT,
    "GET /chat/folders": CHAT,
    "POST /chat/folders": CHAT,
    "PATCH /chat/folders/{folder}": CHAT,
    "DELETE /chat/folders/{folder}": CHAT,
    "GET /chat/prompts": CHAT,
    "POST /chat/prompts": CHAT,
    "PATCH /chat/prompts/{prompt}": CHAT,
    "DELETE /chat/prompts/{prompt}": CHAT,
    "GET /chat/presets": CHAT,
    "POST /chat/presets": CHAT,
    "PATCH /chat/presets/{preset}": CHAT,
    "DELETE /chat/presets/{preset}": CHAT,
}
OWN_THINGS = ("key", "member", "invitation", "request", "transfer", "recharge", "refund", "upload", "ticket")
#: What people keep of their chats and for them.
CHAT_THINGS = ("folder", "prompt", "preset", "chat", "message", "share")
#: Open to anybody: facts, and the way in.
OPEN = {"GET /api/installation", "POST /api/access/passkey/options", "POST /api/access/passkey"}

WORKSPACE = "/api/workspaces/{workspace}"
ROLES = ("owner", "admin", "billing", "member")
#: A key has the role it was made with, as far as its maker still has it.
KEY_ROLES = {"key-admin": "admin", "key-billing": "billing", "key-member": "member"}
NOBODY, STRANGER = "nobody", "stranger"
#: Refuses bodies that would be right, so that what is allowed changes nothing here.
NONSENSE = {"no_such_field": True}


@dataclass(frozen=True)
class Company:
    """Two workspaces with everything in them, and everybody who could ask."""

    api: httpx2.AsyncClient
    people: People
    house: Installation
    workspace: str
    members: dict[str, Somebody]
    stranger: Somebody
    keys: dict[str, str]
    #: Ids of things of the other workspace, by the name of the path parameter.
    foreign: dict[str, str]

    async def ask(self, actor: str, method: str, path: str) -> httpx2.Response:
        headers, cookies = dict(OURS), {}
        if actor in self.keys:
            headers = {"authorization": f"Bearer {self.keys[actor]}"}
        elif actor == STRANGER:
            cookies = {"omna_session": self.stranger.session}
        elif actor != NOBODY:
            cookies = {"omna_session": self.members[actor].session}
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        if cookie:
            headers["cookie"] = cookie
        body = NONSENSE if method in ("POST", "PUT", "PATCH") else None
        if method == "DELETE" and "authorization" not in headers:
            headers["content-type"] = "application/json"
        return await self.api.request(method, path, headers=headers, json=body)


def operations() -> list[tuple[str, str]]:
    return [(method, route.path) for route in routes_of(ROUTERS) for method in sorted(route.methods)]


def of_workspaces() -> list[tuple[str, str]]:
    return [(method, path) for method, path in operations() if path == WORKSPACE or path.startswith(f"{WORKSPACE}/")]


#: The console has a table of its own: tests/integration/console/test_staff_authorisation.py.
ELSEWHERE = [one for one in operations() if one not in of_workspaces() and not one[1].startswith("/api/console/")]


def named(method: str, path: str) -> str:
    return f"{method} {path.removeprefix(WORKSPACE) or '/'}"


def filled(path: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        path = path.replace("{" + name + "}", value)
    assert "{" not in path, path
    return path


@pytest.fixture(scope="module")
async def company(database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    folder: Path = tmp_path_factory.mktemp("company")
    async with (
        fresh_database(database_server) as url,
        Upstream() as upstream,
        Installation(url, folder, upstream) as house,
        people_of(house) as people,
    ):
        members = {role: await people.arrive(role.title()) for role in ROLES}
        owner = members["owner"]
        team = await people.found_team(owner)
        for role in ROLES[1:]:
            await people.join(team, owner, members[role], Role(role))
        keys = {
            name: await people.management_key(team, owner, Role.OWNER, Role(role)) for name, role in KEY_ROLES.items()
        }
        stranger = await people.arrive("Stranger")
        settings = Settings(data=folder)
        api = create_api(settings)
        set_pool(api, people.desk.pool, house.keyring)
        api.state.desk = people.desk
        # Nothing here is ever sent, so no gateway is asked.
        api.state.runs = Runs(None, people.desk.pool)  # type: ignore[arg-type]
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(api), base_url="http://localhost:5108", timeout=30
        ) as client:
            yield Company(
                client,
                people,
                house,
                show("ws", team),
                members,
                stranger,
                keys,
                await foreign_things(house, people, stranger),
            )


async def foreign_things(house: Installation, people: People, stranger: Somebody) -> dict[str, str]:
    """Make one of everything in a team of the stranger's and return the ids."""
    team = await people.found_team(stranger, "Elsewhere")
    issued, _ = await house.new_key(team, created_by=stranger.user_id)
    return {
        "key": show("key", issued.key_id),
        "member": show("usr", stranger.user_id),
        "invitation": show("inv", new_id()),
        "request": show("req", new_id()),
        "transfer": show("tr", new_id()),
        "month": "2026-01",
        "recharge": show("rch", (await order(house.connection, team, house.actor)).recharge_id),
        "upload": show("upl", new_id()),
        "refund": show("rfd", new_id()),
        "ticket": show("tkt", new_id()),
        "chat": show("chat", new_id()),
        "message": show("msg", new_id()),
        "folder": show("fld", new_id()),
        "share": show("shr", new_id()),
        "prompt": show("pmt", new_id()),
        "preset": show("pst", new_id()),
        "workspace": show("ws", team),
    }


def test_table_names_every_route_of_a_workspace() -> None:
    assert {named(*operation) for operation in of_workspaces()} == set(TABLE)


@pytest.mark.parametrize(("method", "path"), ELSEWHERE)
async def test_what_is_not_open_needs_a_session(company: Company, method: str, path: str) -> None:
    answer = await company.ask(
        NOBODY, method, filled(path, dict.fromkeys(("session", "passkey", "identity", "export"), "x"))
    )
    if f"{method} {path}" in OPEN:
        assert answer.status_code in (200, 400, 401)
        assert answer.json().get("error", {}).get("code") != "unauthenticated"
    else:
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")
        # A management key opens workspaces, never the account of its maker.
        answer = await company.ask(
            "key-admin", method, filled(path, dict.fromkeys(("session", "passkey", "identity", "export"), "x"))
        )
        assert answer.status_code == 401


@pytest.mark.parametrize(("method", "path"), of_workspaces())
@pytest.mark.parametrize("actor", [*ROLES, *KEY_ROLES, STRANGER, NOBODY])
async def test_route_is_for_the_roles_of_the_table(company: Company, method: str, path: str, actor: str) -> None:
    allowed = TABLE[named(method, path)].split()
    target = filled(path, company.foreign | {"workspace": company.workspace})
    answer = await company.ask(actor, method, target)
    code = answer.json()["error"]["code"] if answer.status_code >= 400 else None
    if actor == NOBODY:
        assert (answer.status_code, code) == (401, "unauthenticated")
    elif actor == STRANGER:
        assert (answer.status_code, code) == (404, "not_found")
        assert answer.json()["error"]["message"] == "There is no such workspace."
    elif KEY_ROLES.get(actor, actor) not in allowed or (actor in KEY_ROLES and "people" in allowed):
        assert (answer.status_code, code) == (403, "forbidden"), answer.text
    else:
        assert answer.status_code != 401
        assert code != "forbidden", answer.text
        assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [one for one in of_workspaces() if any(f"{{{name}}}" in one[1] for name in (*OWN_THINGS, *CHAT_THINGS))],
)
async def test_things_of_another_workspace_do_not_exist(company: Company, method: str, path: str) -> None:
    target = filled(path, company.foreign | {"workspace": company.workspace})
    before = await snapshot(company.house.connection)
    headers = dict(OURS) | {"cookie": f"omna_session={company.members['owner'].session}"}
    if method == "DELETE":
        headers["content-type"] = "application/json"
    body = BODIES.get(named(method, path), {}) if method in ("POST", "PUT", "PATCH") else None
    answer = await company.api.request(method, target, headers=headers, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), answer.text
    assert await snapshot(company.house.connection) == before


#: Bodies that would be right if the thing were there.
BODIES: dict[str, Any] = {
    "POST /tickets/{ticket}/messages": {"text": "hello"},
    "POST /chats/{chat}/fork": {"message": show("msg", new_id())},
    "POST /chats/{chat}/messages": {"id": show("msg", new_id()), "content": "hello"},
    "PATCH /chats/{chat}/messages/{message}": {"content": "hello"},
    "POST /chats/{chat}/messages/{message}/answers": {"ids": [show("msg", new_id())], "models": ["any"]},
    "POST /chats/{chat}/messages/{message}/continue": {"id": show("msg", new_id())},
    "PATCH /members/{member}": {"role": "billing", "keys": "stop"},
    "PUT /keys/{key}": {"name": "mine now", "spend_limit": "1", "spend_period": "day"},
    "POST /keys/{key}/revocation": {"name": "test"},
    "PUT /recharges/{recharge}/proof": {"payer_reference": "1234"},
}


async def snapshot(connection: asyncpg.Connection) -> list[Any]:
    """Return everything of keys and members that a route could change."""
    return [
        tuple(row.values())
        for table in (
            "api_keys ORDER BY key_id",
            "members ORDER BY workspace_id, user_id",
            "recharges ORDER BY recharge_id",
        )
        for row in await connection.fetch(f"SELECT * FROM {table}")
    ]


async def test_rights_are_read_for_every_request(company: Company) -> None:
    somebody = await company.people.arrive("Fleeting")
    team = UUID(company.workspace.removeprefix("ws_"))
    await company.people.join(team, company.members["owner"], somebody, Role.ADMIN)  # type: ignore[arg-type]
    path = f"/api/workspaces/{company.workspace}/invitations"
    cookie = {"cookie": f"omna_session={somebody.session}"}
    assert (await company.api.get(path, headers=cookie)).status_code == 200
    owner = OURS | {"cookie": f"omna_session={company.members['owner'].session}"}
    member = f"/api/workspaces/{company.workspace}/members/{show('usr', somebody.user_id)}"
    answer = await company.api.patch(member, headers=owner, json={"role": "member"})
    assert answer.status_code == 200, answer.text
    assert (await company.api.get(path, headers=cookie)).status_code == 403
    answer = await company.api.post(f"{member}/removal", headers=owner, json={"keys": "stop"})
    assert answer.status_code == 204, answer.text
    assert (await company.api.get(path, headers=cookie)).status_code == 404


async def test_management_key_never_has_more_than_its_maker(company: Company) -> None:
    maker = await company.people.arrive("Maker")
    team = UUID(company.workspace.removeprefix("ws_"))
    await company.people.join(team, company.members["owner"], maker, Role.ADMIN)  # type: ignore[arg-type]
    text = await company.people.management_key(team, maker, Role.ADMIN, Role.ADMIN)  # type: ignore[arg-type]
    key = {"authorization": f"Bearer {text}"}
    path = f"/api/workspaces/{company.workspace}"
    assert (await company.api.get(f"{path}/invitations", headers=key)).status_code == 200
    assert (await company.api.get(f"/api/workspaces/{company.foreign['workspace']}", headers=key)).status_code == 404
    owner = OURS | {"cookie": f"omna_session={company.members['owner'].session}"}
    member = f"{path}/members/{show('usr', maker.user_id)}"
    assert (await company.api.patch(member, headers=owner, json={"role": "billing", "keys": "stop"})).status_code == 200
    # A role without keys has no management keys either.
    assert (await company.api.get(f"{path}/usage", headers=key)).status_code == 401
    assert (await company.api.post(f"{member}/removal", headers=owner, json={"keys": "stop"})).status_code == 204


async def test_two_credentials_at_once_are_refused(company: Company) -> None:
    headers = {
        "authorization": f"Bearer {company.keys['key-admin']}",
        "cookie": f"omna_session={company.members['owner'].session}",
    }
    answer = await company.api.get(f"/api/workspaces/{company.workspace}", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "conflicting_credentials")
