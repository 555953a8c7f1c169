"""What StaffCan lets through, on a route of its own."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx2
import pytest

from omna.api import People
from omna.config import Settings
from omna.http.access import StaffCan
from omna.http.application import application, build, set_pool
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from tests.harness.team import ORIGIN, Browser, Team

router = Router()


@router.get("/api/console/money/{thing}")
async def look_at_money(thing: str, who: Annotated[Person, StaffCan(StaffRight.MONEY)]) -> str:
    return f"{who.staff_role} sees {thing}"


@pytest.fixture
async def door(team: Team, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    api = application(Settings(data=tmp_path), People(), build([router]))
    set_pool(api, team.pool, team.keyring)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(api), base_url=ORIGIN) as client:
        yield client


async def ask(door: httpx2.AsyncClient, who: Browser, thing: str = "it") -> str:
    answer = await door.get(f"/api/console/money/{thing}", headers=who.cookie)
    code: str = answer.json() if answer.status_code == 200 else answer.json()["error"]["code"]
    return code


async def test_right_decides(team: Team, door: httpx2.AsyncClient) -> None:
    support = await team.hire("support")
    assert await ask(door, await team.hire("finance")) == "finance sees it"
    assert await ask(door, support, "caf%C3%A9%0A") == "forbidden"
    (row,) = await team.query("SELECT actor, subject, after FROM audit_log WHERE action = 'console.refuse'")
    assert (row["actor"], row["subject"]) == (support.id, "GET /api/console/money/caf%C3%A9%0A")
    assert row["after"] == {"right": "money"}
    assert await ask(door, team.stranger) == "unknown_url"


async def test_use_is_noted_and_closing_holds_at_once(team: Team, door: httpx2.AsyncClient) -> None:
    who = await team.hire("owner")
    await team.query(
        "UPDATE sessions SET console_seen_at = now() - interval '14 minutes' WHERE console_opened_at IS NOT NULL"
    )
    assert await ask(door, who) == "owner sees it"
    assert (await who.call("GET", "/api/console/session")).json["idle_seconds"] < 60
    await who.call("DELETE", "/api/console/session")
    assert await ask(door, who) == "console_closed"
    await team.query("DELETE FROM totp_factors")
    assert await ask(door, who) == "second_factor_required"


async def test_lost_role_holds_for_the_next_request(team: Team, door: httpx2.AsyncClient) -> None:
    who = await team.hire("finance")
    assert await ask(door, who) == "finance sees it"
    await team.query("UPDATE users SET staff_role = 'support' WHERE user_id = $1", who.user_id)
    assert await ask(door, who) == "forbidden"
    await team.query("UPDATE users SET staff_role = NULL WHERE user_id = $1", who.user_id)
    assert await ask(door, who) == "unknown_url"
