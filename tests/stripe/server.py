"""The fake account as an HTTP server, with faults on demand."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.stripe.account import KEY, Account, StripeProblem, Thing


class FakeStripe:
    """`async with FakeStripe() as stripe`: `stripe.url` is its address, `stripe.account` what happens there."""

    def __init__(self) -> None:
        self.account = Account()
        self.url = ""
        #: Requests, as `METHOD path`.
        self.asked: list[str] = []
        #: Answer everything with 500.
        self.down = False
        #: Paths that the key may not read.
        self.forbidden: set[str] = set()
        #: Do what is asked so many times, and lose the answer.
        self.answers_to_lose = 0
        #: What was done for each idempotency key; Stripe forgets them after a day.
        self.keys: dict[str, tuple[Any, Thing]] = {}
        app = web.Application()
        app.add_routes(
            [
                web.post("/v1/checkout/sessions", self._create_session),
                web.get("/v1/checkout/sessions", self._list_sessions),
                web.get("/v1/checkout/sessions/{id}", self._session),
                web.post("/v1/checkout/sessions/{id}/expire", self._expire),
                web.post("/v1/payment_intents", self._create_intent),
                web.get("/v1/payment_intents", self._list_intents),
                web.get("/v1/payment_intents/{id}", self._intent),
                web.post("/v1/payment_intents/{id}/cancel", self._cancel),
                web.post("/v1/refunds", self._create_refund),
                web.get("/v1/refunds", self._list_refunds),
                web.get("/v1/disputes", self._list_disputes),
                web.get("/v1/radar/early_fraud_warnings", self._list_warnings),
            ]
        )
        app.middlewares.append(self._answer)
        self._runner = web.AppRunner(app)

    async def __aenter__(self) -> "FakeStripe":
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._runner.cleanup()

    @web.middleware
    async def _answer(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return web.json_response(
                {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}, status=401
            )
        if self.down:
            return web.json_response({"error": {"type": "api_error", "message": "down"}}, status=500)
        if request.path in self.forbidden:
            problem = {"type": "invalid_request_error", "message": "The provided key does not have the permissions."}
            return web.json_response({"error": problem}, status=403)
        try:
            response = await handler(request)
        except StripeProblem as problem:
            response = web.json_response(problem.body, status=problem.status)
        if self.answers_to_lose and request.method == "POST":
            self.answers_to_lose -= 1
            assert request.transport is not None
            request.transport.close()
        return response

    async def _once(self, request: web.Request, do: Any) -> web.Response:
        """Do what a POST asks once per idempotency key; the same key with another body is an error."""
        wanted = nested(parse_qsl((await request.text()), keep_blank_values=True))
        key = request.headers.get("idempotency-key", "")
        assert key, "the library sends a key with each POST"
        if key in self.keys:
            before, made = self.keys[key]
            if before != wanted:
                raise StripeProblem(400, "idempotency_error", "Keys for idempotent requests can only be used once.")
            return web.json_response(made)
        made = self.account.shown(do(wanted))
        made = json.loads(json.dumps(made))
        self.keys[key] = (wanted, made)
        return web.json_response(made)

    async def _create_session(self, request: web.Request) -> web.Response:
        return await self._once(request, self.account.create_session)

    async def _create_intent(self, request: web.Request) -> web.Response:
        return await self._once(request, self.account.charge_off_session)

    async def _create_refund(self, request: web.Request) -> web.Response:
        return await self._once(request, self.account.create_refund)

    async def _session(self, request: web.Request) -> web.Response:
        session = self.account._session(request.match_info["id"])
        return web.json_response(self.account.shown(session, _expand(request)))

    async def _expire(self, request: web.Request) -> web.Response:
        return web.json_response(self.account.shown(self.account.expire(request.match_info["id"])))

    async def _intent(self, request: web.Request) -> web.Response:
        intent = self.account.intents.get(request.match_info["id"])
        if intent is None:
            raise StripeProblem(404, "invalid_request_error", "No such payment_intent", code="resource_missing")
        return web.json_response(self.account.shown(intent, _expand(request)))

    async def _cancel(self, request: web.Request) -> web.Response:
        return web.json_response(self.account.shown(self.account.cancel_intent(request.match_info["id"])))

    async def _list_sessions(self, request: web.Request) -> web.Response:
        return self._list(request, self.account.sessions)

    async def _list_intents(self, request: web.Request) -> web.Response:
        return self._list(request, self.account.intents)

    async def _list_refunds(self, request: web.Request) -> web.Response:
        return self._list(request, self.account.refunds)

    async def _list_disputes(self, request: web.Request) -> web.Response:
        return self._list(request, self.account.disputes)

    async def _list_warnings(self, request: web.Request) -> web.Response:
        return self._list(request, self.account.warnings)

    def _list(self, request: web.Request, things: dict[str, Thing]) -> web.Response:
        """Answer a page of a list, newest first. Pages are short, so that whoever reads one page only is found out."""
        found = [
            one
            for one in reversed(things.values())
            if request.query.get("payment_intent") in (None, one.get("payment_intent"))
            and one.get("created", 0) >= int(request.query.get("created[gte]", 0))
        ]
        after = request.query.get("starting_after")
        if after is not None:
            found = found[[one["id"] for one in found].index(after) + 1 :]
        size = min(int(request.query.get("limit", 10)), 2)
        page = [self.account.shown(one) for one in found[:size]]
        return web.json_response({"object": "list", "data": page, "has_more": len(found) > size, "url": request.path})


def nested(pairs: list[tuple[str, str]]) -> Thing:
    """Return form fields such as `a[b][0]` as nested objects."""
    whole: Thing = {}
    for name, value in pairs:
        *path, last = re.findall(r"[^\[\]]+", name)
        place: Thing = whole
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return _lists(whole)


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(one) for name, one in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def _expand(request: web.Request) -> tuple[str, ...]:
    return tuple(value for name, value in request.query.items() if name.startswith("expand"))
