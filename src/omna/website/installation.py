"""GET /api/installation: the facts about this installation that pages show to anybody."""

from typing import Literal

from fastapi import Request
from pydantic import Field

from omna import __version__
from omna.accounts import policy
from omna.announcements import service as announcements
from omna.http.access import Anyone, Reading
from omna.http.router import Router
from omna.http.values import Moment, Output
from omna.ids import show
from omna.risk import service as risk

router = Router(prefix="/api", tags=["installation"])


class Notice(Output):
    """An emergency stop in force."""

    scope: str
    message: str = Field(description="What the operator says about it; may be empty.")
    since: Moment


class Line(Output):
    """An announcement."""

    id: str
    kind: Literal["info", "warning"]
    text_en: str
    text_zh: str


class Installation(Output):
    """Who runs this, where it is, and whether something is stopped."""

    base_url: str = Field(description="The public URL; programs use `{base_url}/v1`.")
    usd_per_credit: str
    operator_name: str
    support_email: str
    sign_up: Literal["open", "invite", "approval"]
    version: str
    notices: list[Notice] = Field(description="Stops in force, the widest first.")
    announcements: list[Line]


@router.get("/installation")
async def installation(request: Request, _: Anyone, connection: Reading) -> Installation:
    """Return the facts about this installation."""
    settings = request.app.state.settings
    stops = sorted(await risk.stops(connection), key=lambda stop: (stop.scope != "all", stop.since))
    return Installation(
        base_url=settings.server.public_url.rstrip("/"),
        usd_per_credit=settings.credits.usd_per_credit,
        operator_name=settings.accounts.operator_name,
        support_email=settings.accounts.support_email,
        sign_up=(await policy.effective(connection, settings.accounts)).sign_up,
        version=__version__,
        notices=[Notice(scope=stop.scope, message=stop.message, since=stop.since) for stop in stops],
        announcements=[
            Line(
                id=show("ann", one.announcement_id),
                kind="warning" if one.kind == "warning" else "info",
                text_en=one.text_en,
                text_zh=one.text_zh,
            )
            for one in await announcements.current(connection)
        ],
    )
