"""Roles, limits, leaving, transfer and deletion, and what becomes of keys and Credits."""

import asyncio
from datetime import timedelta

import pytest

from omna.audit import service as audit
from omna.db.pool import borrow, transaction
from omna.errors import Forbidden, InvalidApiKey, KeyDisabled
from omna.gateway import verification
from omna.http.principal import Role
from omna.ids import TransferId, new_id, show
from omna.keys import service as keys
from omna.ledger import service as ledger
from omna.money import Nanocredits
from omna.payments.recharges.service import Channel
from omna.workspaces import invitations
from tests.harness.recharges import order
from tests.harness.team import Answer, Browser, Team


async def role_of(team: Team, who: Browser) -> str | None:
    rows = await team.query(
        "SELECT role FROM members WHERE workspace_id = $1 AND user_id = $2", team.workspace_id, who.user_id
    )
    return rows[0]["role"] if rows else None


async def change(by: Browser, of: Browser, **fields: object) -> Answer:
    return await by.call("PATCH", f"/members/{of.id}", fields)


async def make_owner(team: Team, of: Browser) -> None:
    await team.owner.prove("member.make_owner", of.id)
    assert (await change(team.owner, of, role="owner")).status == 200


async def key_of(team: Team, who: Browser) -> str:
    async with transaction(team.pool) as connection:
        _, text = await keys.issue(connection, team.workspace_id, "theirs", created_by=who.user_id, actor=team.actor)
    return text


async def creators(team: Team) -> set[object]:
    return {
        row["created_by"]
        for row in await team.query(
            "SELECT created_by FROM api_keys WHERE workspace_id = $1 AND revoked_at IS NULL", team.workspace_id
        )
    }


@pytest.mark.parametrize(
    ("by", "of", "role", "status"),
    [
        ("owner", "admin", "member", 200),
        ("owner", "member", "owner", 200),
        ("owner", "owner", "admin", 409),  # the last one stays
        ("admin", "member", "billing", 200),
        ("admin", "billing", "admin", 200),
        ("admin", "member", "owner", 403),
        ("admin", "owner", "member", 403),
        ("admin", "admin", "member", 403),
        ("billing", "member", "admin", 403),
        ("member", "member", "admin", 403),
        ("owner", "stranger", "member", 404),
    ],
)
async def test_roles_are_given_and_taken_by_rank(team: Team, by: str, of: str, role: str, status: int) -> None:
    before = await role_of(team, getattr(team, of))
    if role == "owner":
        await getattr(team, by).prove("member.make_owner", getattr(team, of).id)
    answer = await change(getattr(team, by), getattr(team, of), role=role)
    assert answer.status == status, answer.json
    assert await role_of(team, getattr(team, of)) == (role if status == 200 else before)


async def test_another_owner_needs_a_fresh_proof_as_a_transfer_does(team: Team) -> None:
    refused = await change(team.owner, team.member, role="owner")
    assert refused.code == (403, "step_up_required")
    assert refused.json["error"]["details"]["action"] == "member.make_owner"
    await team.owner.prove("member.make_owner", team.admin.id)  # of somebody else
    assert (await change(team.owner, team.member, role="owner")).code == (403, "step_up_required")
    body = {"email": "new@example.com", "role": "owner"}
    assert (await team.owner.call("POST", "/invitations", body)).code == (403, "step_up_required")
    assert await role_of(team, team.member) == "member"


async def test_who_was_taken_out_meanwhile_invites_nobody(team: Team) -> None:
    by = team.admin.member(Role.ADMIN)  # as a request knows them that began before
    assert (await team.owner.call("POST", f"/members/{team.admin.id}/removal", {"keys": "stop"})).status == 204
    async with transaction(team.pool) as connection:
        with pytest.raises(Forbidden):
            await invitations.invite(connection, "second@example.com", Role.ADMIN, by=by, actor=team.actor)


@pytest.mark.parametrize("taken_out", [True, False])
async def test_who_may_invite_no_more_comes_back_by_no_invitation(team: Team, taken_out: bool) -> None:
    for by, email in ((team.admin, "second@example.com"), (team.owner, "new@example.com")):
        assert (await by.call("POST", "/invitations", {"email": email, "role": "admin"})).status == 201
    if taken_out:
        answer = await team.owner.call("POST", f"/members/{team.admin.id}/removal", {"keys": "stop"})
    else:
        answer = await change(team.owner, team.admin, role="member")
    assert answer.status in (200, 204)
    assert [one["email"] for one in (await team.owner.call("GET", "/invitations")).json] == ["new@example.com"]


async def test_nobody_but_an_owner_says_what_they_may_spend_themselves(team: Team) -> None:
    assert (await change(team.owner, team.admin, spend_limit="1", spend_period="day")).status == 200
    assert (await change(team.admin, team.admin, no_spend_limit=True)).code == (403, "forbidden")
    assert (await change(team.admin, team.member, spend_limit="1", spend_period="day")).status == 200
    assert (await change(team.owner, team.owner, spend_limit="1", spend_period="day")).status == 200


async def test_an_owner_steps_down_beside_another_one(team: Team) -> None:
    await make_owner(team, team.admin)
    assert (await change(team.owner, team.owner, role="member")).status == 200
    assert (await change(team.admin, team.admin, role="member")).code == (409, "conflict")


async def test_only_one_of_two_owners_who_step_down_at_once_does(team: Team) -> None:
    await make_owner(team, team.admin)
    answers = await asyncio.gather(
        change(team.owner, team.owner, role="member"), change(team.admin, team.admin, role="member")
    )
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert len(await team.query("SELECT FROM members WHERE role = 'owner' AND workspace_id = $1",
                                team.workspace_id)) == 1  # fmt: skip


async def test_two_who_take_each_other_out_at_once_leave_one(team: Team) -> None:
    await make_owner(team, team.admin)
    answers = await asyncio.gather(
        team.owner.call("POST", f"/members/{team.admin.id}/removal", {}),
        team.admin.call("POST", f"/members/{team.owner.id}/removal", {}),
    )
    # The other one is refused under the lock, or was no member any more when they asked.
    assert sorted(answer.status for answer in answers) in ([204, 403], [204, 404])


async def test_a_limit_is_set_shown_and_taken_away(team: Team) -> None:
    changed = await change(team.admin, team.member, spend_limit="2.50", spend_period="day")
    assert (changed.json["spend_limit"], changed.json["spend_period"], changed.json["spent_in_period"]) == (
        "2.5",
        "day",
        "0",
    )
    assert (await change(team.admin, team.owner, spend_limit="1", spend_period="day")).code == (403, "forbidden")
    assert (await change(team.admin, team.member, spend_limit="1")).code == (400, "invalid_value")
    assert (await change(team.member, team.member, no_spend_limit=True)).code == (403, "forbidden")
    assert (await change(team.owner, team.member, no_spend_limit=True)).json["spend_limit"] is None
    assert (await change(team.owner, team.member, spend_limit="-1", spend_period="day")).status == 400


async def test_keys_stop_with_the_member(team: Team) -> None:
    key = await key_of(team, team.member)
    assert (await team.admin.call("POST", f"/members/{team.member.id}/removal", {"keys": "stop"})).status == 204
    async with borrow(team.pool) as connection:
        with pytest.raises(InvalidApiKey):
            await keys.authenticate(connection, key)
    assert (await team.member.call("GET", "")).code == (404, "not_found")


async def test_keys_are_handed_over_to_who_takes_the_member_out(team: Team) -> None:
    key = await key_of(team, team.member)
    body = {"keys": "hand_over"}
    assert (await team.admin.call("POST", f"/members/{team.member.id}/removal", body)).status == 204
    assert await creators(team) == {team.admin.user_id}
    async with borrow(team.pool) as connection:
        await keys.authenticate(connection, key)


async def test_who_leaves_hands_keys_to_an_owner(team: Team) -> None:
    await key_of(team, team.member)
    assert (await team.member.call("POST", "/leaving", {"keys": "hand_over"})).status == 204
    assert await creators(team) == {team.owner.user_id}
    assert (await team.owner.call("POST", "/leaving", {})).code == (409, "conflict")


async def test_nobody_removes_themselves_or_leaves_their_personal_workspace(team: Team) -> None:
    assert (await team.admin.call("POST", f"/members/{team.admin.id}/removal", {})).code == (403, "forbidden")
    personal = f"/api/workspaces/ws_{team.member.personal.hex}/leaving"
    assert (await team.member.call("POST", personal, {})).code == (409, "conflict")


async def test_a_role_without_keys_asks_what_becomes_of_them(team: Team) -> None:
    key = await key_of(team, team.member)
    refused = await change(team.owner, team.member, role="billing")
    assert (refused.code, refused.json["error"]["field"]) == ((400, "invalid_value"), "keys")
    assert await role_of(team, team.member) == "member"
    assert (await change(team.owner, team.member, role="billing", keys="hand_over")).status == 200
    assert await creators(team) == {team.owner.user_id}
    async with borrow(team.pool) as connection:
        await keys.authenticate(connection, key)
    # Had it stayed with its maker, it would not work.
    await team.query("UPDATE api_keys SET created_by = $1", team.member.user_id)
    async with borrow(team.pool) as connection:
        with pytest.raises(KeyDisabled):
            await keys.authenticate(connection, key)


async def test_ownership_is_transferred_with_a_fresh_proof_and_the_typed_name(team: Team) -> None:
    body = {"member": team.admin.id, "name": "Acme"}
    refused = await team.owner.call("POST", "/transfer", body)
    assert refused.code == (403, "step_up_required")
    assert refused.json["error"]["details"]["action"] == "workspace.transfer"
    await team.owner.prove("workspace.transfer", team.id)
    assert (await team.owner.call("POST", "/transfer", body | {"name": "acme"})).code == (400, "invalid_value")
    await team.owner.prove("workspace.transfer", team.id)
    assert (await team.owner.call("POST", "/transfer", body)).status == 204
    assert (await role_of(team, team.admin), await role_of(team, team.owner)) == ("owner", "admin")
    assert (await team.member.call("POST", "/transfer", body)).code == (403, "forbidden")


async def test_a_team_is_deleted_with_its_keys_and_keeps_its_ledger(team: Team) -> None:
    await team.recharge("5", promo="2")
    key = await key_of(team, team.member)
    body: dict[str, object] = {"name": "Acme"}
    assert (await team.admin.call("POST", "/deletion", body)).code == (403, "forbidden")
    assert (await team.owner.call("POST", "/deletion", body)).code == (403, "step_up_required")
    await team.owner.prove("workspace.delete", team.id)
    refused = await team.owner.call("POST", "/deletion", body)
    assert (refused.code, refused.json["error"]["details"]) == ((409, "conflict"), {"credits_left": "7"})
    await team.owner.prove("workspace.delete", team.id)
    assert (await team.owner.call("POST", "/deletion", body | {"forfeit_credits": True})).status == 204
    assert (await team.owner.call("GET", "")).code == (404, "not_found")
    assert len((await team.owner.call("GET", "/api/workspaces")).json) == 1
    async with borrow(team.pool) as connection:
        with pytest.raises(InvalidApiKey):
            await keys.authenticate(connection, key)
        wallet = await ledger.wallet(connection, team.workspace_id)
        assert (wallet.available, wallet.balance) == (0, 0)
        lines = await ledger.history(connection, team.workspace_id)
        assert [line.kind for line in lines] == ["adjustment", "promo_expiry", "promo_grant", "recharge"]
        assert {line.reason for line in lines[:2]} == {"given up with the workspace"}
        assert {line.actor for line in lines[:2]} == {team.owner.id}
        assert await ledger.verify(connection) == []
        assert await verification.verify(connection) == []
        assert await audit.verify(connection, [team.actor.key]) == []


async def test_a_deleted_team_keeps_neither_billing_details_nor_a_way_to_pay(team: Team) -> None:
    details = {"name": "Acme GmbH", "address": "Main St 1", "tax_id": "DE1", "email": "books@example.com"}
    assert (await team.owner.call("PUT", "/billing-details", details)).status == 200
    await team.query(
        "INSERT INTO auto_top_ups (workspace_id, enabled, threshold, credits, monthly_ceiling, processor, customer_id,"
        " saved_method, method_label) VALUES ($1, true, 1, 1, 1, 'sandbox', 'cus', 'pm', 'Visa ending in 4242')",
        team.workspace_id,
    )
    await team.owner.prove("workspace.delete", team.id)
    assert (await team.owner.call("POST", "/deletion", {"name": "Acme"})).status == 204
    [kept] = await team.query("SELECT name, address, tax_id, email FROM billing_details")
    assert set(kept.values()) == {""}
    [kept] = await team.query("SELECT enabled, customer_id, saved_method, method_label FROM auto_top_ups")
    assert tuple(kept.values()) == (False, None, None, "")


async def test_a_team_in_which_something_is_held_is_not_deleted(team: Team) -> None:
    await team.recharge("5")
    async with transaction(team.pool) as connection:
        await ledger.hold(
            connection,
            hold_ids=[TransferId(new_id())],
            workspace_ids=[team.workspace_id],
            amounts=[Nanocredits(1)],
            lease=timedelta(hours=1),
        )
    await team.owner.prove("workspace.delete", team.id)
    refused = await team.owner.call("POST", "/deletion", {"name": "Acme", "forfeit_credits": True})
    assert refused.code == (409, "conflict")
    assert (await team.owner.call("GET", "")).status == 200


@pytest.mark.parametrize(("channel", "state"), [("manual", "submitted"), ("checkout", "open")])
async def test_a_team_whose_paid_order_waits_is_not_deleted(team: Team, channel: Channel, state: str) -> None:
    async with borrow(team.pool) as connection:
        waiting = await order(connection, team.workspace_id, team.actor, channel=channel)
        await connection.execute("UPDATE recharges SET state = $1, submitted_at = now()", state)
    body = {"name": "Acme", "forfeit_credits": True}
    await team.owner.prove("workspace.delete", team.id)
    refused = await team.owner.call("POST", "/deletion", body)
    assert refused.code == (409, "conflict")
    await team.owner.call("POST", f"/recharges/{show('rch', waiting.recharge_id)}/cancel")
    await team.owner.prove("workspace.delete", team.id)
    assert (await team.owner.call("POST", "/deletion", body)).status == 204


async def test_a_frozen_or_personal_workspace_is_not_deleted(team: Team) -> None:
    personal = f"ws_{team.owner.personal.hex}"
    await team.owner.prove("workspace.delete", personal)
    answer = await team.owner.call("POST", f"/api/workspaces/{personal}/deletion", {"name": "Personal"})
    assert answer.code == (409, "conflict")
    await team.query("UPDATE workspaces SET frozen_at = now(), frozen_reason = 'dispute'")
    await team.owner.prove("workspace.delete", team.id)
    answer = await team.owner.call("POST", "/deletion", {"name": "Acme"})
    assert answer.code == (403, "account_frozen")
