"""What addresses of the console name beside money: each in the state in which its acts do something."""

from typing import Any

from omna.accounts.model import Client
from omna.alerts import service as alerts
from omna.alerts import telling
from omna.db.pool import transaction
from omna.ids import new_id, show
from omna.mail import service as outbox
from omna.mail.service import Kind
from omna.membership import asking
from tests.harness.paid_scene import Counter
from tests.harness.people import Somebody
from tests.harness.staff import prove

REASON = {"reason": "test"}


async def console_names(counter: Counter, somebody: Somebody, path: str = "") -> dict[str, str]:
    """Make what an address names; without one, everything.

    somebody  a customer that things are done to
    """
    desk = Desk(counter)
    names = {"user": show("usr", somebody.user_id), "seq": "1"}

    def wanted(*parts: str) -> bool:
        return not path or any(part in path for part in parts)

    if wanted("{model}", "{route}", "{provider}", "price-lists"):
        names |= await desk.catalogue()
    if wanted("{rule}"):
        names["rule"] = (await desk.get("risk/rules"))["rules"][0]["id"]
    if wanted("{case}", "{hit}"):
        names |= await desk.case()
    if wanted("{proposal}"):
        names["proposal"] = await desk.proposal()
    if wanted("{viewing_id}"):
        wish = {"user": names["user"]} | REASON
        names["viewing_id"] = (await desk.act("POST", "viewings", wish))["id"]
    if wanted("{alert}", "{delivery}"):
        names |= await desk.alert()
    if wanted("{request_}"):
        names["request_"] = await desk.asks_for_access(somebody)
    if wanted("{announcement}"):
        names["announcement"] = await desk.announcement()
    if wanted("{mail}"):
        names["mail"] = await desk.mail()
    if wanted("/audit/export/{seq}"):
        names["audit_export"] = await desk.audit_export()
    return names


class Desk:
    """Somebody of the staff at work."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._pool = counter.people.desk.pool

    async def get(self, path: str) -> Any:
        answer = await self._counter.desk.get(f"/api/console/{path}")
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    async def act(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Do something, after a step-up where one is asked for."""
        answer = await self._counter.desk.request(method, f"/api/console/{path}", json=body)
        if answer.status_code == 403 and (error := answer.json()["error"])["code"] == "step_up_required":
            asked = error["details"]
            await prove(self._counter.people, self._counter.employee, asked["action"], asked["target"])
            answer = await self._counter.desk.request(method, f"/api/console/{path}", json=body)
        assert answer.status_code < 300, (path, answer.text)
        return answer.json()

    async def catalogue(self) -> dict[str, str]:
        """Return a model, a provider that serves it and the route between them, in the spelling of addresses."""
        house = self._counter.people.house
        model = await house.model(f"named-{new_id().hex[-8:]}", upstream_model="ok")
        route = await house.connection.fetchrow(
            "SELECT r.route_id, p.name FROM routes AS r JOIN providers AS p USING (provider_id) WHERE r.model_id = $1",
            model,
        )
        assert route is not None
        return {"model": model, "provider": route["name"], "route": show("rt", route["route_id"])}

    async def case(self) -> dict[str, str]:
        made = await self.act("POST", "risk/cases", {"workspace": self._counter.workspace} | REASON)
        return {"case": made["id"], "hit": made["found"][0]["id"]}

    async def proposal(self) -> str:
        body = {"workspace": self._counter.workspace, "kind": "promo", "credits": "5", "note": "Welcome"} | REASON
        made: str = (await self.act("POST", "credits", body))["id"]
        return made

    async def alert(self) -> dict[str, str]:
        """Return an alert, and a delivery of a notice that is to be sent."""
        await self.act("PUT", "alert-settings/webhook", {"url": "https://alerts.example.com/omna"} | REASON)
        async with transaction(self._pool) as connection:
            raised = await alerts.raise_alert(
                connection, "test.alert", new_id().hex, severity="warning", facts={"calls": 1}, message="A test."
            )
            await telling.test(connection, (), "http://localhost:5108")
            delivery = await connection.fetchval("SELECT max(delivery_id::text)::uuid FROM alert_deliveries")
        return {"alert": show("alr", raised), "delivery": show("msg", delivery)}

    async def asks_for_access(self, somebody: Somebody) -> str:
        email = f"{new_id().hex[-10:]}@example.com"
        await asking.ask(
            self._counter.people.desk,
            email=email,
            name="Dora",
            message="Let me in",
            client=Client("127.0.0.1", "tests"),
        )
        return await self._id("acr", "SELECT access_request_id FROM access_requests WHERE email = $1", email)

    async def announcement(self) -> str:
        body = {"kind": "info", "text_en": "Hello", "text_zh": "你好"} | REASON
        made: str = (await self.act("POST", "announcements", body))["id"]
        return made

    async def mail(self) -> str:
        """Return a mail that was given up, so that it can be sent again."""
        async with transaction(self._pool) as connection:
            mail_id = await outbox.enqueue(
                connection,
                Kind.RESET_PASSWORD,
                f"{new_id().hex[-10:]}@example.com",
                "en",
                {"name": "Dora", "token": "t" * 43},
            )
            assert mail_id is not None
            await connection.execute("UPDATE mail_outbox SET state = 'kept' WHERE mail_id = $1", mail_id)
        return show("mail", mail_id)

    async def audit_export(self) -> str:
        made = await self.act("POST", "audit/export", REASON)
        return str(made["audit_seq"])

    async def _id(self, prefix: str, query: str, *arguments: object) -> str:
        async with transaction(self._pool) as connection:
            return show(prefix, await connection.fetchval(query, *arguments))
