"""The switcher, one workspace, its members and invitations, as people in every role meet them."""

import asyncio
from typing import Any

import pytest

from omna.db.pool import transaction
from omna.errors import Forbidden, LinkExpired
from omna.ids import new_id, show
from omna.worker.invitations import sweep_invitations
from omna.workspaces import invitations
from tests.harness.team import Browser, Team


async def invite(team: Team, email: str = "new@example.com", **fields: Any) -> tuple[dict[str, Any], str]:
    """Invite an address and return the invitation with the token of its mail."""
    answer = await team.owner.call("POST", "/invitations", {"email": email, **fields})
    assert answer.status == 201, answer.json
    return answer.json, await token_for(team, email)


async def token_for(team: Team, email: str) -> str:
    """Return the token of the newest invitation that was mailed to an address."""
    rows = await team.query(
        "SELECT text FROM mail_outbox WHERE recipient = $1 AND kind = 'invitation' ORDER BY mail_id DESC LIMIT 1", email
    )
    text: str = rows[0]["text"]
    return text.partition("/invite/")[2].split()[0]


async def accept(team: Team, token: str, who: Browser, email: str | None = None) -> invitations.Invited:
    async with transaction(team.pool) as connection:
        return await invitations.accept(connection, token, who.user_id, email or who.email, actor=team.actor)


async def test_the_switcher_shows_ones_own_workspaces_and_what_one_may_do_there(team: Team) -> None:
    await team.recharge("2.5")
    rows = (await team.member.call("GET", "/api/workspaces")).json
    assert [(row["name"], row["kind"], row["role"], row["balance"]) for row in rows] == [
        ("Personal", "personal", "owner", "0"),
        ("Acme", "team", "member", "2.5"),
    ]
    assert rows[1]["rights"] == ["chat", "own_keys", "own_usage", "view"]
    assert [row["name"] for row in (await team.stranger.call("GET", "/api/workspaces")).json] == ["Personal"]


async def test_a_person_makes_a_team(team: Team) -> None:
    made = await team.stranger.call("POST", "/api/workspaces", {"name": "Mine"})
    assert (made.status, made.json["role"], made.json["balance"]) == (201, "owner", "0")
    assert (await team.stranger.call("POST", "/api/workspaces", {"name": " "})).code == (400, "invalid_value")
    await team.query("UPDATE users SET email_verified_at = NULL WHERE user_id = $1", team.stranger.user_id)
    refused = await team.stranger.call("POST", "/api/workspaces", {"name": "Another"})
    assert refused.code == (403, "email_not_verified")


async def test_owner_and_admin_rename_and_limit_a_workspace(team: Team) -> None:
    changed = await team.admin.call(
        "PATCH", "", {"name": "Acme Labs", "daily_limit": "12.5", "low_balance_threshold": "1"}
    )
    assert changed.status == 200
    assert (changed.json["name"], changed.json["daily_limit"], changed.json["low_balance_threshold"]) == (
        "Acme Labs",
        "12.5",
        "1",
    )
    for who in (team.billing, team.member):
        assert (await who.call("PATCH", "", {"name": "Mine"})).code == (403, "forbidden")
    again = await team.owner.call("PATCH", "", {"no_daily_limit": True, "no_low_balance_threshold": True})
    assert (again.json["daily_limit"], again.json["low_balance_threshold"]) == (None, None)


async def test_the_operators_daily_limit_stays_under_ones_own(team: Team) -> None:
    await team.query("UPDATE workspaces SET daily_limit = 5000000000 WHERE workspace_id = $1", team.workspace_id)
    assert (await team.owner.call("PATCH", "", {"daily_limit": "7"})).json["daily_limit"] == "5"
    assert (await team.owner.call("PATCH", "", {"daily_limit": "3"})).json["daily_limit"] == "3"
    assert (await team.owner.call("PATCH", "", {"no_daily_limit": True})).json["daily_limit"] == "5"


async def test_other_workspaces_are_not_there(team: Team) -> None:
    for path in ("", "/members", "/invitations", "/keys", "/management-keys"):
        assert (await team.stranger.call("GET", path)).code == (404, "not_found")
        other = f"/api/workspaces/{show('ws', new_id())}{path}"
        assert (await team.owner.call("GET", other)).code == (404, "not_found")
    assert (await team.stranger.call("POST", "/invitations", {"email": "a@example.com"})).status == 404


async def test_members_see_one_another_but_not_addresses_and_spend(team: Team) -> None:
    rows = {row["name"]: row for row in (await team.member.call("GET", "/members")).json}
    assert list(rows) == ["Owner", "Admin", "Billing", "Member"]
    assert rows["Member"]["you"]
    assert rows["Member"]["email"] == "member@example.com"
    assert (rows["Owner"]["email"], rows["Owner"]["spent_30_days"], rows["Owner"]["keys"]) == (None, None, None)
    full = {row["name"]: row for row in (await team.admin.call("GET", "/members")).json}
    assert (full["Owner"]["email"], full["Owner"]["spent_30_days"], full["Owner"]["keys"]) == (
        "owner@example.com",
        "0",
        0,
    )


async def test_an_invitation_makes_a_member_once(team: Team) -> None:
    row, token = await invite(team, role="admin", spend_limit="3", spend_period="week")
    assert (row["email"], row["role"], row["spend_limit"], row["invited_by"], row["expired"]) == (
        "new@example.com",
        "admin",
        "3",
        "Owner",
        False,
    )
    async with transaction(team.pool) as connection:
        found = await invitations.look_up(connection, token)
    assert (found.workspace_name, found.email, found.inviter_name) == ("Acme", "new@example.com", "Owner")
    new = await team.person("new@example.com")
    accepted = await accept(team, token, new)
    assert accepted.workspace_id == team.workspace_id
    with pytest.raises(LinkExpired):
        await accept(team, token, new)
    rows = {row["name"]: row for row in (await team.owner.call("GET", "/members")).json}
    assert (rows["New"]["role"], rows["New"]["spend_limit"], rows["New"]["spend_period"]) == ("admin", "3", "week")
    assert (await team.owner.call("GET", "/invitations")).json == []


async def test_only_one_of_two_acceptances_at_once_succeeds(team: Team) -> None:
    _, token = await invite(team)
    new = await team.person("new@example.com")
    results = await asyncio.gather(*(accept(team, token, new) for _ in range(4)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Invited", *["LinkExpired"] * 3]
    assert len(await team.query("SELECT FROM members WHERE user_id = $1 AND workspace_id = $2", new.user_id,
                                team.workspace_id)) == 1  # fmt: skip


async def test_somebody_else_is_told_for_whom_the_invitation_is(team: Team) -> None:
    _, token = await invite(team)
    with pytest.raises(Forbidden, match=r"for new@example\.com"):
        await accept(team, token, team.stranger)


async def test_a_new_link_replaces_the_old_one_and_a_revoked_one_ends(team: Team) -> None:
    row, token = await invite(team)
    resent = await team.admin.call("POST", f"/invitations/{row['id']}/resend")
    assert resent.status == 200
    newer = await token_for(team, "new@example.com")
    assert newer != token
    new = await team.person("new@example.com")
    with pytest.raises(LinkExpired):
        await accept(team, token, new)
    assert (await team.owner.call("DELETE", f"/invitations/{row['id']}")).status == 204
    with pytest.raises(LinkExpired):
        await accept(team, newer, new)
    assert (await team.owner.call("DELETE", f"/invitations/{row['id']}")).code == (404, "not_found")


async def test_an_old_invitation_ends_and_can_be_sent_again(team: Team) -> None:
    row, token = await invite(team)
    await team.query("UPDATE invitations SET expires_at = now()")
    new = await team.person("new@example.com")
    with pytest.raises(LinkExpired):
        await accept(team, token, new)
    (listed,) = (await team.owner.call("GET", "/invitations")).json
    assert listed["expired"]
    await team.owner.call("POST", f"/invitations/{row['id']}/resend")
    await accept(team, await token_for(team, "new@example.com"), new)


async def test_who_is_invited_or_a_member_is_not_invited_again(team: Team) -> None:
    await invite(team)
    for email in ("New@Example.com", "member@example.com"):
        assert (await team.owner.call("POST", "/invitations", {"email": email})).code == (409, "conflict")
    assert (await team.owner.call("POST", "/invitations", {"email": "no address"})).code == (400, "invalid_value")


async def test_only_an_owner_invites_an_owner_and_nobody_into_a_personal_workspace(team: Team) -> None:
    body = {"email": "new@example.com", "role": "owner"}
    assert (await team.admin.call("POST", "/invitations", body)).code == (403, "forbidden")
    await team.owner.prove("invitation.make_owner", "new@example.com")
    assert (await team.owner.call("POST", "/invitations", body)).status == 201
    personal = f"/api/workspaces/{show('ws', team.owner.personal)}/invitations"
    assert (await team.owner.call("POST", personal, {"email": "x@example.com"})).code == (409, "conflict")


async def test_an_address_gets_a_bounded_number_of_invitations(team: Team) -> None:
    row, _ = await invite(team)
    for _ in range(2):
        assert (await team.owner.call("POST", f"/invitations/{row['id']}/resend")).status == 200
    last = await token_for(team, "new@example.com")
    assert (await team.owner.call("POST", f"/invitations/{row['id']}/resend")).status == 429
    await accept(team, last, await team.person("new@example.com"))


async def test_the_token_of_an_invitation_is_stored_nowhere_but_in_its_mail(team: Team) -> None:
    _, token = await invite(team)
    rows = await team.query("SELECT i::text AS row FROM invitations AS i UNION ALL SELECT a::text FROM audit_log AS a")
    assert all(token not in row["row"] for row in rows)


async def test_invitations_of_another_team_are_not_there(team: Team) -> None:
    row, _ = await invite(team)
    made = (await team.stranger.call("POST", "/api/workspaces", {"name": "Mine"})).json["id"]
    for method, path in (("POST", f"{row['id']}/resend"), ("DELETE", row["id"])):
        answer = await team.stranger.call(method, f"/api/workspaces/{made}/invitations/{path}")
        assert answer.code == (404, "not_found")
    assert len((await team.owner.call("GET", "/invitations")).json) == 1


async def test_invitations_that_ended_long_ago_are_forgotten(team: Team) -> None:
    _, token = await invite(team)
    await accept(team, token, await team.person("new@example.com"))
    await invite(team, "late@example.com")
    await invite(team, "open@example.com")
    await team.query("UPDATE invitations SET expires_at = now() - interval '91 days' WHERE email LIKE 'late%'")
    await sweep_invitations(team.pool)
    rows = await team.query("SELECT email FROM invitations ORDER BY email")
    assert [row["email"] for row in rows] == ["new@example.com", "open@example.com"]
    await team.query("UPDATE invitations SET accepted_at = now() - interval '91 days' WHERE email LIKE 'new%'")
    await sweep_invitations(team.pool)
    assert len(await team.query("SELECT FROM invitations")) == 1
