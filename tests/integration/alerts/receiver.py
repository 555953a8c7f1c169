"""Somebody's receiver of Standard Webhooks: it checks as the documentation says."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

ROOT = Path(__file__).parents[3]


def _documented() -> Callable[[dict[str, str], bytes, str], bool]:
    """Return the check that docs/operations/alerts.md gives to people who receive deliveries."""
    text = (ROOT / "docs/operations/alerts.md").read_text("utf-8")
    scope: dict[str, Any] = {}
    exec(text.partition("```python\n")[2].partition("```")[0], scope)
    check: Callable[[dict[str, str], bytes, str], bool] = scope["is_genuine"]
    return check


IS_GENUINE = _documented()


@dataclass
class Receiver:
    """Keeps what was delivered; `answers` are the statuses of the next deliveries, 204 when there are none left."""

    secret: str = ""
    answers: list[int] = field(default_factory=list)
    location: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    verified: list[bool] = field(default_factory=list)

    async def __aenter__(self) -> "Receiver":
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?to=me"

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.ids.append(request.headers["webhook-id"])
        self.bodies.append(body)
        self.seen.append({"path": request.path_qs, **json.loads(body)})
        self.verified.append(
            bool(self.secret)
            and IS_GENUINE({name.lower(): value for name, value in request.headers.items()}, body, self.secret)
        )
        status = self.answers.pop(0) if self.answers else 204
        return web.Response(status=status, headers={"Location": self.location} if self.location else {})
