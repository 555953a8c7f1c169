"""What addresses of the console name beside money: each in the state in which its acts do something."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from omna.accounts.model import Client
from omna.alerts import service as alerts
from omna.alerts import telling
from omna.db.pool import transaction
from omna.ids import UserId, new_id, parse, show
from omna.mail import service as outbox
from omna.mail.service import Kind
from omna.membership import asking
from omna.money import Nanocredits, parse_credits
from omna.risk.proposals import service as proposals
from omna.risk.proposals.model import Wish
from tests.harness.meaning import LIST
from tests.harness.paid_scene import Counter
from tests.harness.people import Somebody
from tests.harness.staff import employ, prove

REASON = {"reason": "test"}
LATER = "2998-01-01T00:00:00Z"


async def console_names(counter: Counter, somebody: Somebody, known: dict[str, str], path: str = "") -> dict[str, str]:
    """Make what an address names; without one, everything.

    somebody  a customer that things are done to
    known     what was named before
    """
    desk = Desk(counter)
    names = known | {"user": show("usr", somebody.user_id), "seq": "1"}

    def wanted(*parts: str) -> bool:
        return not path or any(part in path for part in parts)

    if wanted("{model}", "{route}", "{provider}", "price-lists", "/stops"):
        names |= await desk.catalogue()
    if wanted("/rules"):
        names |= await desk.rule()
    if wanted("{case}", "{hit}"):
        names |= await desk.case()
    if wanted("{proposal}"):
        names["proposal"] = await desk.proposal(path)
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
    await desk.ready(path, names)
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
        name = f"named-{new_id().hex[-8:]}"
        await house.add_provider(name, house.upstream.base_url)
        model = await house.model(name, upstream_model="ok", provider=name)
        route = await house.connection.fetchrow(
            "SELECT r.route_id, p.name FROM routes AS r JOIN providers AS p USING (provider_id) WHERE r.model_id = $1",
            model,
        )
        assert route is not None
        return {"model": model, "provider": route["name"], "route": show("rt", route["route_id"])}

    async def rule(self) -> dict[str, str]:
        """Return a rule, and what it is told."""
        rules = (await self.get("risk/rules"))["rules"]
        found = next(rule for rule in rules if rule["kind"] == "spend_velocity")
        return {"rule": found["id"], "parameters": json.dumps(found["parameters"])}

    async def case(self) -> dict[str, str]:
        made = await self.act("POST", "risk/cases", {"workspace": self._counter.workspace} | REASON)
        return {"case": made["id"], "hit": made["found"][0]["id"]}

    async def proposal(self, path: str) -> str:
        """Return a proposal that waits for a second person; to be withdrawn, it is one's own."""
        by = self._counter.employee.somebody.user_id if path.endswith("/withdraw") else new_id()
        async with transaction(self._pool) as connection:
            made = await proposals.propose(
                connection,
                Wish(parse(self._counter.workspace, "ws"), "promo", Nanocredits(parse_credits("90000")), "Welcome"),  # type: ignore[arg-type]
                reason="test",
                actor=replace(self._counter.people.house.actor, name=show("usr", by)),
            )
        return show("prp", made.proposal.proposal_id)

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

    async def ready(self, path: str, names: dict[str, str]) -> None:
        """Bring about what an act takes back or ends, and name it."""
        user, workspace = f"users/{names['user']}", f"workspaces/{self._counter.workspace}"
        before: dict[str, tuple[str, dict[str, Any]]] = {
            "users/{user}/unfreeze": (f"{user}/freeze", {}),
            "users/{user}/enable": (f"{user}/disable", {}),
            "workspaces/{workspace}/unfreeze": (f"{workspace}/freeze", {}),
        }
        if "model" in names:
            model, scope = f"models/{names['model']}", f"model:{names['model']}"
            before |= {
                "models/{model}/restore": (f"{model}/deprecate", {"retires_at": LATER}),
                "providers/{provider}/enable": (f"providers/{names['provider']}/disable", {}),
                "stops/resume": ("stops", {"scope": scope, "typed": scope, "level": "block"}),
            }
        for end, (act, body) in before.items():
            if path.endswith(end):
                await self.act("POST", act, body | REASON)
        if path.endswith("/aliases/remove"):
            names["alias"] = f"other-{names['model']}"
            await self.act("POST", f"models/{names['model']}/aliases", {"alias": names["alias"]} | REASON)
        if path.endswith("/price-lists"):
            wish = {"provider": names["provider"], "content": LIST, "markup": "10"}
            names["digest"] = (await self.act("POST", "price-lists/preview", wish))["digest"]
        if path.endswith("/tickets/{ticket}/reopen"):
            await self.act("POST", f"tickets/{names['ticket']}/solve", REASON)
        if path.endswith("/prices/withdraw"):
            names["version"] = await self.coming_price(names["model"])
        if path.endswith("/access/invitations/{invitation}/revoke"):
            email = f"{new_id().hex[-10:]}@example.com"
            await self.act("POST", "access/invitations", {"email": email} | REASON)
            waiting = await self.get("access/queues")
            names["invitation"] = next(one["id"] for one in waiting["invitations"] if one["email"] == email)
        connection = self._counter.people.house.connection
        async with connection.transaction():
            user_id = parse(names["user"], "usr")
            if "/access/waiting/" in path:
                await connection.execute("UPDATE users SET approved_at = NULL WHERE user_id = $1", user_id)
            if path.endswith("/reset-factor"):
                await employ(connection, self._counter.people.house.keyring, UserId(user_id), None)
            if path.endswith("/deliveries/{delivery}/send"):
                await connection.execute("UPDATE alert_deliveries SET state = 'failed' WHERE state = 'queued'")

    async def coming_price(self, model: str) -> str:
        """Return a version of a model's prices that begins later."""
        prices = {"prompt": "5", "completion": "20"}
        body = {
            "prices": prices,
            "typed": prices,
            "effective_from": f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}",
        } | REASON
        await self.act("POST", f"models/{model}/prices", body)
        return await self._id(
            "pv", "SELECT price_version_id FROM price_versions WHERE model_id = $1 AND effective_from > now()", model
        )

    async def _id(self, prefix: str, query: str, *arguments: object) -> str:
        async with transaction(self._pool) as connection:
            return show(prefix, await connection.fetchval(query, *arguments))
