"""Who may do what under /api/console: every route, every role of staff, and those who are no staff.

TABLE is written by hand, from the table of docs/operations/staff.md, and names every route there is: whoever adds a
route adds its line. With a console that is open, what a role may not do is 403 and on record; for everybody else there
is nothing at the address.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from omna.api import ROUTERS, create_api
from omna.config import Settings
from omna.db.embedded import EmbeddedServer
from omna.http.application import routes_of, set_pool
from omna.ids import new_id, show
from tests.harness.installation import Installation, fresh_database
from tests.harness.people import OURS, People, people_of
from tests.harness.staff import STAFF_ROLES, Employee, hire
from tests.upstream.server import Upstream

SEE = "owner finance support auditor"
MONEY = "owner finance"
TICKETS = "owner finance support"
FREEZE = "owner support"
OWN = "owner"
CONFIGURATION = "owner auditor"
AUDIT = "owner auditor"

#: Method and path below /api/console → the roles it is for.
TABLE = {
    "GET /session": SEE,
    "GET /dashboard": SEE,
    "POST /session": SEE,
    "DELETE /session": SEE,
    "GET /uploads/{upload}": SEE,
    "POST /search": SEE,
    "GET /users": SEE,
    "GET /users/{user}": SEE,
    "POST /users/{user}/freeze": FREEZE,
    "POST /users/{user}/unfreeze": FREEZE,
    "POST /users/{user}/sign-out": FREEZE,
    "POST /users/{user}/reset-factor": OWN,
    "POST /users/{user}/disable": OWN,
    "POST /users/{user}/enable": OWN,
    "POST /users/{user}/role": OWN,
    "GET /workspaces": SEE,
    "GET /workspaces/{workspace}": SEE,
    "POST /workspaces/{workspace}/freeze": FREEZE,
    "POST /workspaces/{workspace}/unfreeze": FREEZE,
    "POST /workspaces/{workspace}/limits": FREEZE,
    "POST /workspaces/{workspace}/keys/{key}/revoke": FREEZE,
    "GET /access": OWN,
    "POST /access": OWN,
    "GET /access/queues": OWN,
    "POST /access/waiting/{user}/approve": OWN,
    "POST /access/waiting/{user}/decline": OWN,
    "POST /access/requests/{request_}/invite": OWN,
    "POST /access/requests/{request_}/decline": OWN,
    "POST /access/invitations": OWN,
    "POST /access/invitations/{invitation}/revoke": OWN,
    "GET /staff": OWN,
    "GET /tickets": SEE,
    "GET /tickets/summary": SEE,
    "GET /tickets/staff": SEE,
    "GET /tickets/canned": SEE,
    "GET /tickets/{ticket}": SEE,
    "POST /tickets/{ticket}/messages": TICKETS,
    "POST /tickets/{ticket}/assign": TICKETS,
    "POST /tickets/{ticket}/solve": TICKETS,
    "POST /tickets/{ticket}/reopen": TICKETS,
    "GET /recharges": SEE,
    "GET /recharges/{recharge}": SEE,
    "POST /recharges/{recharge}/claim": MONEY,
    "POST /recharges/{recharge}/release": MONEY,
    "POST /recharges/{recharge}/approve": MONEY,
    "POST /recharges/{recharge}/approve/preview": MONEY,
    "POST /recharges/{recharge}/reject": MONEY,
    "POST /recharges/{recharge}/ask": MONEY,
    "POST /recharges/{recharge}/duplicate": MONEY,
    "POST /recharges/{recharge}/reconcile": MONEY,
    "GET /payments": SEE,
    "GET /payment-events": SEE,
    "GET /payment-events/refused": SEE,
    "GET /payment-events/{event}": SEE,
    "POST /payment-events/{event}/resend": MONEY,
    "POST /payment-events/{event}/ignore": MONEY,
    "GET /refunds": SEE,
    "GET /refunds/{refund}": SEE,
    "POST /refunds/{refund}/claim": MONEY,
    "POST /refunds/{refund}/release": MONEY,
    "POST /refunds/{refund}/approve": MONEY,
    "POST /refunds/{refund}/approve/preview": MONEY,
    "POST /refunds/{refund}/reject": MONEY,
    "POST /refunds/{refund}/convert": MONEY,
    "POST /refunds/{refund}/convert/preview": MONEY,
    "POST /refunds/{refund}/paid": MONEY,
    "POST /refunds/{refund}/retry": MONEY,
    "POST /refunds/{refund}/return": MONEY,
    "GET /disputes": SEE,
    "POST /disputes": MONEY,
    "GET /disputes/{dispute}": SEE,
    "POST /disputes/{dispute}/evidence-sent": MONEY,
    "POST /disputes/{dispute}/close": MONEY,
    "POST /disputes/{dispute}/write-off": MONEY,
    "POST /disputes/{dispute}/write-off/preview": MONEY,
    "POST /disputes/{dispute}/unfreeze": FREEZE,
    "GET /disputes/{dispute}/evidence.json": MONEY,
    "GET /disputes/{dispute}/evidence.pdf": MONEY,
    "GET /stops": SEE,
    "POST /stops": OWN,
    "POST /stops/preview": SEE,
    "POST /stops/resume": OWN,
    "GET /announcements": SEE,
    "POST /announcements": OWN,
    "PUT /announcements/{announcement}": OWN,
    "GET /payment-methods": SEE,
    "POST /payment-methods": OWN,
    "PATCH /payment-methods/{method}": OWN,
    "POST /viewings": OWN,
    "POST /viewings/{viewing_id}/end": OWN,
    "GET /credits": MONEY,
    "POST /credits": MONEY,
    "POST /credits/preview": MONEY,
    "GET /credits/requests/{request}": MONEY,
    "GET /credits/{proposal}": MONEY,
    "POST /credits/{proposal}/approve": MONEY,
    "POST /credits/{proposal}/approve/preview": MONEY,
    "POST /credits/{proposal}/reject": MONEY,
    "POST /credits/{proposal}/withdraw": MONEY,
    "GET /risk/cases": SEE,
    "POST /risk/cases": FREEZE,
    "GET /risk/summary": SEE,
    "GET /risk/cases/{case}": SEE,
    "POST /risk/cases/{case}/assign": FREEZE,
    "POST /risk/cases/{case}/notes": FREEZE,
    "POST /risk/cases/{case}/decide": FREEZE,
    "POST /risk/hits/{hit}/reverse": FREEZE,
    "POST /risk/workspaces/{workspace}/trust": OWN,
    "GET /risk/rules": SEE,
    "POST /risk/rules": OWN,
    "POST /risk/rules/dry-run": OWN,
    "GET /risk/rules/{rule}": SEE,
    "PUT /risk/rules/{rule}": OWN,
    "GET /promo-codes": MONEY,
    "POST /promo-codes": MONEY,
    "GET /promo-codes/{code}": MONEY,
    "POST /promo-codes/{code}/approve": MONEY,
    "POST /promo-codes/{code}/retire": MONEY,
    "GET /promo-codes/{code}/redemptions": MONEY,
    "GET /alerts": SEE,
    "GET /alerts/summary": SEE,
    "GET /alerts/{alert}": SEE,
    "POST /alerts/{alert}/acknowledge": FREEZE,
    "POST /alerts/{alert}/end": FREEZE,
    "GET /alert-settings": OWN,
    "PUT /alert-settings/recipients": OWN,
    "PUT /alert-settings/webhook": OWN,
    "POST /alert-settings/webhook/rotate": OWN,
    "POST /alert-settings/webhook/remove": OWN,
    "POST /alert-settings/test": OWN,
    "GET /alert-settings/notices": OWN,
    "GET /alert-settings/deliveries": OWN,
    "POST /alert-settings/deliveries/{delivery}/send": OWN,
    "GET /models": CONFIGURATION,
    "GET /models/{model}": CONFIGURATION,
    "PATCH /models/{model}": OWN,
    "POST /models/{model}/prices": OWN,
    "POST /models/{model}/prices/preview": OWN,
    "POST /models/{model}/prices/withdraw": OWN,
    "POST /models/{model}/visibility": OWN,
    "POST /models/{model}/sale": OWN,
    "POST /models/{model}/deprecate": OWN,
    "POST /models/{model}/restore": OWN,
    "POST /models/{model}/cap": OWN,
    "POST /models/{model}/aliases": OWN,
    "POST /models/{model}/aliases/remove": OWN,
    "POST /models/{model}/routes": OWN,
    "PATCH /models/{model}/routes/{route}": OWN,
    "POST /price-lists": OWN,
    "POST /price-lists/preview": OWN,
    "GET /providers": CONFIGURATION,
    "POST /providers": OWN,
    "GET /providers/{provider}": CONFIGURATION,
    "GET /providers/{provider}/health": CONFIGURATION,
    "PUT /providers/{provider}/address": OWN,
    "PUT /providers/{provider}/key": OWN,
    "POST /providers/{provider}/key/remove": OWN,
    "POST /providers/{provider}/enable": OWN,
    "POST /providers/{provider}/disable": OWN,
    "PUT /providers/{provider}/bound": OWN,
    "PUT /providers/{provider}/caps": OWN,
    "PATCH /providers/{provider}/routes/{route}": OWN,
    "POST /providers/{provider}/test": OWN,
    "GET /providers/{provider}/reconciliations": CONFIGURATION,
    "POST /providers/{provider}/reconcile": OWN,
    "PUT /providers/{provider}/reporting-key": OWN,
    "POST /providers/{provider}/reporting-key/remove": OWN,
    "GET /protection": SEE,
    "PUT /protection": OWN,
    "GET /system": AUDIT,
    "GET /system/settings": AUDIT,
    "POST /system/restore-drill": OWN,
    "GET /system/mails": AUDIT,
    "GET /system/mails/{mail}": OWN,
    "POST /system/mails/{mail}/resend": OWN,
    "GET /audit": AUDIT,
    "GET /audit/actions": AUDIT,
    "GET /audit/status": AUDIT,
    "POST /audit/verify": AUDIT,
    "POST /audit/export": AUDIT,
    "GET /audit/export/{seq}": AUDIT,
    "GET /audit/{seq}": AUDIT,
}
#: Routes that answer staff while the console is closed.
WITHOUT_CONSOLE = {"GET /session", "POST /session", "DELETE /session"}

CONSOLE = "/api/console"
#: Prefixes of the ids that stand in paths, by the name of the parameter; an id with none of them is unknown anyway.
PREFIXES = {
    "recharge": "rch", "refund": "rfd", "dispute": "dsp", "ticket": "tkt", "method": "mth", "event": "evt", "code": "prc",
    "upload": "upl", "proposal": "prp", "viewing_id": "vw", "request": "req",
    "alert": "alr", "delivery": "msg",
    "announcement": "ann",
    "user": "usr", "workspace": "ws", "request_": "acr", "invitation": "ain",
    "route": "rt",
    "case": "cas", "hit": "hit", "rule": "rul",
}  # fmt: skip
#: Refuses bodies that would be right, so that what is allowed changes nothing here.
NONSENSE = {"no_such_field": True}


class House:
    """Staff of every role with the console open, one with it closed, one without a second factor, and others."""

    def __init__(self, api: httpx2.AsyncClient, people: People) -> None:
        self.api = api
        self.people = people
        self.staff: dict[str, Employee] = {}
        self.cookies: dict[str, str] = {}

    async def open(self) -> None:
        for role in STAFF_ROLES:
            self.staff[role] = await hire(self.people, role)
            self.cookies[role] = self.staff[role].somebody.session
        self.cookies["person"] = (await self.people.arrive("Person")).session
        self.cookies["closed"] = (await hire(self.people, "owner", "Closed", opened=False)).somebody.session
        bare = await hire(self.people, "owner", "Bare")
        self.cookies["bare"] = bare.somebody.session
        await self.query("DELETE FROM totp_factors WHERE user_id = $1", bare.somebody.user_id)

    async def query(self, statement: str, *values: object) -> list[str]:
        return [str(row[0]) for row in await self.people.house.connection.fetch(statement, *values)]

    async def ask(self, actor: str, method: str, path: str) -> httpx2.Response:
        headers = dict(OURS)
        if actor == "key":
            headers["authorization"] = "Bearer omna_mgmt_nothing"
        elif actor != "nobody":
            headers["cookie"] = f"omna_session={self.cookies[actor]}"
        body = NONSENSE if method in ("POST", "PUT", "PATCH") else None
        return await self.api.request(method, path, headers=headers, json=body)


@pytest.fixture(scope="module")
async def house(database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("staff")
    async with (
        fresh_database(database_server) as url,
        Upstream() as upstream,
        Installation(url, folder, upstream) as installation,
        people_of(installation) as people,
    ):
        api = create_api(Settings(data=folder))
        set_pool(api, people.desk.pool, installation.keyring)
        api.state.desk = people.desk
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(api), base_url="http://localhost:5108", timeout=30
        ) as client:
            opened = House(client, people)
            await opened.open()
            yield opened


def operations() -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for route in routes_of(ROUTERS)
        if route.path.startswith(CONSOLE)
        for method in sorted(route.methods)
    ]


def named(method: str, path: str) -> str:
    return f"{method} {path.removeprefix(CONSOLE)}"


def filled(path: str) -> str:
    parts = path.split("/")
    names = [part.strip("{}") if part.startswith("{") else "" for part in parts]
    return "/".join(
        show(PREFIXES.get(name, name[:3]), new_id()) if name else part
        for name, part in zip(names, parts, strict=True)
    )  # fmt: skip


def code_of(answer: httpx2.Response) -> str | None:
    if answer.status_code < 400:
        return None
    code: str = answer.json()["error"]["code"]
    return code


def test_table_names_every_route_of_the_console() -> None:
    assert {named(*operation) for operation in operations()} == set(TABLE)


@pytest.mark.parametrize(("method", "path"), operations())
@pytest.mark.parametrize("role", STAFF_ROLES)
async def test_route_is_for_the_roles_of_the_table(house: House, method: str, path: str, role: str) -> None:
    # A test before may have closed it.
    await house.query(
        "UPDATE sessions SET console_opened_at = now(), console_seen_at = now() WHERE session_id = $1",
        house.staff[role].session_id,
    )
    target = filled(path)
    answer = await house.ask(role, method, target)
    code = code_of(answer)
    if role in TABLE[named(method, path)].split():
        assert answer.status_code != 401
        assert code not in ("forbidden", "unknown_url", "console_closed", "second_factor_required"), answer.text
        assert answer.status_code < 500, answer.text
    else:
        assert (answer.status_code, code) == (403, "forbidden"), answer.text
        assert role in answer.json()["error"]["message"]
        tried = await house.query("SELECT subject FROM audit_log WHERE action = 'console.refuse' ORDER BY seq DESC")
        assert tried[0] == f"{method} {target}"


@pytest.mark.parametrize(("method", "path"), operations())
async def test_for_others_there_is_nothing(house: House, method: str, path: str) -> None:
    target = filled(path)
    answer = await house.ask("person", method, target)
    nothing = await house.ask("person", method, "/api/nothing-here")
    assert (answer.status_code, code_of(answer)) == (404, "unknown_url")
    assert without_id(answer) == without_id(nothing)
    for actor in ("nobody", "key"):
        assert code_of(await house.ask(actor, method, target)) == "unauthenticated"


@pytest.mark.parametrize(("method", "path"), [one for one in operations() if named(*one) not in WITHOUT_CONSOLE])
async def test_staff_need_a_second_factor_and_an_open_console(house: House, method: str, path: str) -> None:
    target = filled(path)
    assert code_of(await house.ask("bare", method, target)) == "second_factor_required"
    assert code_of(await house.ask("closed", method, target)) == "console_closed"


def without_id(answer: httpx2.Response) -> object:
    body = answer.json()
    body["error"].pop("request_id", None)
    return body
