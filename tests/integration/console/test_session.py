"""The door of the console: who may open it, how long it stays open, and what ends it."""

import pytest

from omna.accounts import console_sessions
from omna.accounts.model import StaffRole
from omna.http.principal import STAFF_RIGHTS, StaffRight
from tests.harness.staff import employ
from tests.harness.team import Browser, Team

PATH = "/api/console/session"


async def enter(team: Team, who: Browser) -> str:
    """Use the console as a route with StaffCan does, and return what came of it."""
    answer = await who.call("GET", PATH)
    if answer.status != 200:
        return answer.code[1]
    return "open" if answer.json["open"] else "closed"


async def age(team: Team, who: Browser, *, opened: int = 0, seen: int = 0) -> None:
    await team.query(
        "UPDATE sessions SET console_opened_at = console_opened_at - make_interval(mins => $2),"
        " console_seen_at = console_seen_at - make_interval(mins => $3) WHERE session_id = $1",
        who.session,
        opened,
        seen,
    )


def test_every_role_of_staff_has_rights() -> None:
    assert set(STAFF_RIGHTS) == set(StaffRole)
    assert all(StaffRight.SEE in rights for rights in STAFF_RIGHTS.values())


async def test_console_opens_with_a_step_up_and_closes_by_hand(team: Team) -> None:
    who = await team.hire("finance")
    assert (await who.call("DELETE", PATH)).status == 204
    assert (await who.call("GET", PATH)).json["open"] is False
    assert (await who.call("POST", PATH)).code == (403, "step_up_required")
    await who.prove("console.open")
    opened = (await who.call("POST", PATH)).json
    assert opened["opened_at"] is not None
    assert (opened["open"], opened["idle_seconds"]) == (True, 0)
    assert (opened["role"], opened["rights"]) == ("finance", ["money", "see", "tickets"])
    assert (opened["email"], opened["name"], opened["second_factor"]) == (who.email, "Finance", True)
    assert (await who.call("DELETE", PATH)).status == 204
    assert (await who.call("DELETE", PATH)).status == 204
    actions = await team.query("SELECT action FROM audit_log WHERE actor = $1 ORDER BY seq", who.id)
    assert [row["action"] for row in actions] == ["console.close", "console.open", "console.close"]


async def test_without_a_second_factor_it_stays_closed(team: Team) -> None:
    who = await team.person("boss@example.com")
    await team.query("UPDATE users SET staff_role = 'owner' WHERE user_id = $1", who.user_id)
    seen = (await who.call("GET", PATH)).json
    assert (seen["second_factor"], seen["open"]) == (False, False)
    await who.prove("console.open")
    refused = await who.call("POST", PATH)
    assert refused.code == (403, "second_factor_required")
    assert "/app/settings/security" in refused.json["error"]["message"]
    assert refused.json["error"]["details"] == {"where": "/app/settings/security"}


@pytest.mark.parametrize(("opened", "seen", "state"), [(0, 14, "open"), (0, 16, "closed"), (481, 0, "closed")])
async def test_it_closes_by_itself(team: Team, opened: int, seen: int, state: str) -> None:
    who = await team.hire("support")
    await age(team, who, opened=opened, seen=seen)
    assert await enter(team, who) == state


async def test_use_keeps_it_open_and_looking_does_not(team: Team) -> None:
    who = await team.hire("support")
    await age(team, who, seen=14)
    assert (await who.call("GET", PATH)).json["idle_seconds"] >= 14 * 60
    assert (await who.call("GET", PATH)).json["idle_seconds"] >= 14 * 60
    async with team.pool.acquire() as connection:
        person = await team.identify(connection, who)
        await console_sessions.enter(connection, person)
    assert (await who.call("GET", PATH)).json["idle_seconds"] == 0


async def test_console_belongs_to_one_session(team: Team) -> None:
    who = await team.hire("finance")
    elsewhere = await team.sign_in_again(who)
    assert (await enter(team, who), await enter(team, elsewhere)) == ("open", "closed")


async def test_what_ends_a_person_ends_the_console(team: Team) -> None:
    demoted, signed_out, disabled = [await team.hire("finance", name) for name in ("Dan", "Sue", "Dee")]
    await team.query("UPDATE users SET staff_role = NULL WHERE user_id = $1", demoted.user_id)
    await team.query("DELETE FROM sessions WHERE session_id = $1", signed_out.session)
    await team.query("UPDATE users SET disabled_at = now() WHERE user_id = $1", disabled.user_id)
    assert await enter(team, demoted) == "unknown_url"
    assert await enter(team, signed_out) == "unauthenticated"
    assert await enter(team, disabled) == "unauthenticated"
    async with team.pool.acquire() as connection, connection.transaction():
        await employ(connection, team.keyring, team.stranger.user_id, "support")
    assert await enter(team, team.stranger) == "closed"
