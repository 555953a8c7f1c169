"""GET /api/installation: the facts about this installation that pages show to anybody."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import Field

from omna import __version__
from omna.accounts import policy
from omna.http.access import Anyone, Reading
from omna.http.values import Moment, Output
from omna.risk import service as risk

router = APIRouter(prefix="/api", tags=["installation"])


class Notice(Output):
    """An emergency stop in force: the widest one."""

    scope: str
    reason: str
    since: Moment


class Installation(Output):
    """Who runs this, where it is, and whether something is stopped."""

    base_url: str = Field(description="The public URL; programs use `{base_url}/v1`.")
    usd_per_credit: str
    operator_name: str
    support_email: str
    sign_up: Literal["open", "invite", "approval"]
    version: str
    notice: Notice | None


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
        notice=None if not stops else Notice(scope=stops[0].scope, reason=stops[0].reason, since=stops[0].since),
    )
