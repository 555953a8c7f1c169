"""Freezes of workspaces and people: who may do what meanwhile, what stands beside what, and when they end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from omna.accounts import service as accounts
from omna.audit import service as audit
from omna.audit.service import Actor
from omna.config import Settings
from omna.db.pool import transaction
from omna.errors import Conflict, Forbidden, InvalidValue, ServiceUnavailable
from omna.ids import UserId, show
from omna.keys import service as keys
from omna.mail import service as mail
from omna.risk import service as risk
from omna.worker.freezes import end_freezes
from omna.workspaces import service as workspaces
from tests.harness.team import Browser, Team

TOMORROW = datetime.now(UTC) + timedelta(days=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


async def freeze(team: Team, somebody: Browser, **options: Any) -> None:
    async with transaction(team.pool) as connection:
        given = {"reason": "under review", "actor": team.actor, **options}
        await risk.freeze_user(connection, somebody.user_id, **given)


async def thaw(team: Team, somebody: Browser) -> None:
    async with transaction(team.pool) as connection:
        await risk.unfreeze_user(connection, somebody.user_id, actor=team.actor)


async def state_of(team: Team, somebody: Browser) -> tuple[str | None, bool]:
    """Return why a person's personal workspace is frozen, and whether that is only because they are."""
    async with transaction(team.pool) as connection:
        place = await workspaces.get(connection, somebody.personal)
    return place.frozen_reason, place.frozen_with_person


async def test_a_frozen_person_reads_everything_and_changes_nothing(team: Team) -> None:
    admin = team.admin
    await freeze(team, admin, message="We look into a payment.")
    for path in (
        "/api/account",
        "/api/workspaces",
        f"/api/workspaces/{team.id}",
        "/keys",
        "/usage/requests",
        "/tickets",
    ):
        assert (await admin.call("GET", path)).status == 200, path
    assert (await admin.call("GET", "/api/account")).json["frozen"]["reason"] == "We look into a payment."
    for method, path, body in (
        ("POST", "/keys", {"name": "another"}),
        ("PATCH", f"/api/workspaces/{team.id}", {"name": "Ours"}),
        ("POST", "/invitations", {"email": "eve@example.com", "role": "member"}),
        ("POST", "/api/workspaces", {"name": "New"}),
        ("POST", "/api/account/totp", None),
    ):
        refused = await admin.call(method, path, body)
        assert refused.code == (403, "account_frozen"), path
        assert "We look into a payment. Ask support" in refused.json["error"]["message"]
    # Of the others nothing is frozen.
    assert (await team.owner.call("PATCH", f"/api/workspaces/{team.id}", {"name": "Ours"})).status == 200
    await thaw(team, admin)
    assert (await admin.call("GET", "/api/account")).json["frozen"] is None
    assert (await admin.call("PATCH", f"/api/workspaces/{team.id}", {"name": "Acme"})).status == 200


async def test_what_takes_power_away_and_asks_for_help_works_while_frozen(team: Team) -> None:
    async with transaction(team.pool) as connection:
        made, _ = await keys.issue(
            connection, team.workspace_id, "mine", actor=team.actor, created_by=team.admin.user_id
        )
    key = show("key", made.key_id)
    await freeze(team, team.admin)
    ticket = {"category": "account", "subject": "Frozen?", "text": "Why?"}
    assert (await team.admin.call("POST", "/tickets", ticket)).status == 201
    assert (await team.admin.call("PATCH", "/api/account", {"language": "zh"})).status == 200
    assert (await team.admin.call("POST", f"/keys/{key}/disable", {})).status == 200
    assert (await team.admin.call("POST", f"/keys/{key}/enable", {})).code == (403, "account_frozen")
    assert (await team.admin.call("DELETE", "/api/account/sessions")).status == 204


async def test_in_a_frozen_workspace_nothing_is_changed_by_anybody(team: Team) -> None:
    async with transaction(team.pool) as connection:
        await risk.freeze(connection, team.workspace_id, reason="odd spend", actor=team.actor, until=TOMORROW)
    refused = await team.owner.call("POST", "/keys", {"name": "another"})
    assert refused.code == (403, "account_frozen")
    assert refused.json["error"]["message"] == ("This workspace is frozen: odd spend. Ask support to have it reviewed.")
    (row,) = [one for one in (await team.owner.call("GET", "/api/workspaces")).json if one["id"] == team.id]
    assert row["frozen_reason"] == "odd spend"
    assert datetime.fromisoformat(row["frozen_until"]) == TOMORROW.replace(
        microsecond=TOMORROW.microsecond // 1000 * 1000
    )
    # The person is not frozen: what is theirs works.
    assert (await team.owner.call("POST", "/api/workspaces", {"name": "New"})).status == 201


async def test_the_customer_reads_the_message_and_the_audit_log_keeps_the_reason(team: Team) -> None:
    async with transaction(team.pool) as connection:
        await risk.freeze(
            connection, team.workspace_id, reason="ring of stolen cards", actor=team.actor, message="A routine check"
        )
        place = await workspaces.get(connection, team.workspace_id)
        (line,) = await audit.by_actor(connection, team.actor.name, "workspace.freeze", LONG_AGO)
    assert (place.frozen_reason, place.frozen_note) == ("A routine check", "ring of stolen cards")
    assert line.reason == "ring of stolen cards"
    assert "A routine check" in str(line.after)
    row = next(one for one in (await team.owner.call("GET", "/api/workspaces")).json if one["id"] == team.id)
    assert "stolen" not in str(row)


async def test_a_personal_workspace_is_frozen_with_its_person_and_for_itself(team: Team) -> None:
    ann = team.member
    await freeze(team, ann)
    assert await state_of(team, ann) == ("under review", True)
    async with transaction(team.pool) as connection:
        with pytest.raises(Conflict):
            await risk.unfreeze(connection, ann.personal, actor=team.actor)
        await risk.freeze(connection, ann.personal, reason="disputed", actor=team.actor)
    assert await state_of(team, ann) == ("disputed", False)
    await thaw(team, ann)
    assert await state_of(team, ann) == ("disputed", False)
    await freeze(team, ann)
    async with transaction(team.pool) as connection:
        await risk.unfreeze(connection, ann.personal, actor=team.actor)
    assert await state_of(team, ann) == ("under review", True)
    await thaw(team, ann)
    assert await state_of(team, ann) == (None, False)


async def test_nobody_freezes_themselves_and_the_last_owner_stays_able(team: Team) -> None:
    owner = await team.hire("owner")
    support = await team.hire("support")
    async with transaction(team.pool) as connection:
        itself = Actor(show("usr", support.user_id), "test", team.actor.key)
        with pytest.raises(Forbidden):
            await risk.freeze_user(connection, support.user_id, reason="x", actor=itself)
        with pytest.raises(Forbidden):
            await risk.freeze(connection, support.personal, reason="x", actor=itself)
        with pytest.raises(Conflict):
            await risk.freeze_user(connection, owner.user_id, reason="x", actor=itself)
    second = await team.hire("owner", "second")
    await freeze(team, owner)
    async with transaction(team.pool) as connection:
        with pytest.raises(Conflict):
            await risk.freeze_user(connection, second.user_id, reason="x", actor=team.actor)
        with pytest.raises(Conflict):
            user = await accounts.get(connection, second.user_id)
            await accounts.disable(connection, user, reason="x", actor=team.actor)
        itself = Actor(show("usr", owner.user_id), "test", team.actor.key)
        with pytest.raises(Forbidden):
            await risk.unfreeze_user(connection, owner.user_id, actor=itself)


async def test_the_console_is_shut_to_frozen_staff(team: Team) -> None:
    support = await team.hire("support")
    assert (await support.call("GET", "/api/console/tickets")).status == 200
    await freeze(team, support)
    assert (await support.call("GET", "/api/console/tickets")).code == (403, "account_frozen")


async def test_a_freeze_ends_by_itself_once_and_people_are_told(team: Team, tmp_path: Path) -> None:
    job = end_freezes(Settings(data=tmp_path))
    await freeze(team, team.member, until=TOMORROW)
    async with transaction(team.pool) as connection:
        await risk.freeze(connection, team.workspace_id, reason="odd", actor=team.actor, until=TOMORROW)
        with pytest.raises(InvalidValue):
            await risk.freeze(connection, team.workspace_id, reason="odd", actor=team.actor, until=LONG_AGO)
    await job(team.pool)
    assert (await accounts_state(team, team.member.user_id)) == "under review"
    async with transaction(team.pool) as connection:
        for table in ("users", "workspaces"):
            await connection.execute(f"UPDATE {table} SET frozen_until = now() WHERE frozen_until IS NOT NULL")
    await job(team.pool)
    await job(team.pool)
    assert await accounts_state(team, team.member.user_id) is None
    assert await state_of(team, team.member) == (None, False)
    lines = await team.query("SELECT action, subject FROM audit_log WHERE actor = 'system:risk' ORDER BY seq")
    assert [tuple(line) for line in lines] == [
        ("user.unfreeze", team.member.id),
        ("workspace.unfreeze", team.id),
    ]
    async with transaction(team.pool) as connection:
        told = {(one.kind, one.recipient) for one in await mail.newest(connection)}
    assert ("account_unfrozen", "member@example.com") in told
    assert ("workspace_unfrozen", "owner@example.com") in told


async def test_a_freeze_of_a_person_waits_for_admissions_in_flight(team: Team) -> None:
    async with transaction(team.pool) as admission:
        await admission.execute("SELECT pg_advisory_xact_lock_shared(5108, 1)")
        with pytest.raises(ServiceUnavailable):
            async with transaction(team.pool) as connection:
                await connection.execute("SET LOCAL lock_timeout = '50ms'")
                await risk.freeze_user(connection, team.member.user_id, reason="x", actor=team.actor)


async def accounts_state(team: Team, user_id: UserId) -> str | None:
    async with transaction(team.pool) as connection:
        return (await accounts.get(connection, user_id)).frozen_reason
