"""People and workspaces, as staff see them and act on them through /api/console."""

import asyncio
import json
from typing import Any

from omna.db.pool import borrow, transaction
from omna.ids import show
from omna.keys import service as keys
from tests.harness.recharges import order
from tests.harness.team import Answer, Browser, Team

WHY = {"reason": "They asked by phone"}


async def act(staff: Browser, path: str, **body: object) -> Answer:
    return await staff.call("POST", f"/api/console{path}", {**WHY, **body})


async def kinds(team: Team, to: str) -> list[str]:
    rows = await team.query("SELECT kind FROM mail_outbox WHERE recipient = $1 ORDER BY mail_id", to)
    return [row["kind"] for row in rows]


async def actions(team: Team, subject: str) -> list[str]:
    rows = await team.query("SELECT action FROM audit_log WHERE subject = $1 ORDER BY seq", subject)
    return [row["action"] for row in rows]


async def test_people_are_listed_and_narrowed_down(team: Team) -> None:
    finance, support = await team.hire("finance"), await team.hire("support")
    async with borrow(team.pool) as connection:
        await connection.execute("UPDATE users SET approved_at = NULL WHERE email = 'member@example.com'")

    async def seen(staff: Browser, query: str) -> list[str]:
        answer = await staff.call("GET", f"/api/console/users{query}")
        assert answer.status == 200, answer.json
        items = answer.json["items"]
        return [one["email"] for one in items]

    assert (await seen(finance, ""))[-1] == "owner@example.com"
    assert await seen(finance, "?q=ADMIN@") == ["admin@example.com"]
    assert await seen(finance, "?q=%25") == []
    assert await seen(finance, "?show=pending") == ["member@example.com"]
    assert await seen(finance, "?show=staff") == ["support@staff.example.com", "finance@staff.example.com"]
    assert await seen(support, "?q=owner%40example.com") == ["o•••@example.com"]
    first = (await finance.call("GET", "/api/console/users?limit=2")).json
    rest = (await finance.call("GET", f"/api/console/users?cursor={first['next_cursor']}")).json
    assert len(first["items"]) == 2
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in rest["items"]}


async def test_each_role_sees_a_person_and_none_but_money_sees_addresses(team: Team) -> None:
    await team.owner.call("POST", "/tickets", {"category": "other", "subject": "I am owner@example.com", "text": "Hi"})
    async with borrow(team.pool) as connection:
        await connection.execute(
            "UPDATE workspaces SET name = 'owner@example.com' WHERE workspace_id = $1", team.workspace_id
        )
    for role in ("owner", "finance", "support", "auditor"):
        staff = await team.hire(role, f"Staff{role}")
        user = (await staff.call("GET", f"/api/console/users/{team.owner.id}")).json
        workspace = (await staff.call("GET", f"/api/console/workspaces/{team.id}")).json
        lists = [(await staff.call("GET", f"/api/console/{noun}")).json for noun in ("users", "workspaces")]
        text = json.dumps([user, workspace, *lists], ensure_ascii=False)
        assert ("owner@example.com" in text) == (role in ("owner", "finance"))
        assert ("192.0.2.1" in text) == (role in ("owner", "finance"))
        assert user["sessions"][0]["method"] == "password"
        assert [one["role"] for one in user["workspaces"]] == ["owner", "owner"]
        assert len(user["tickets"]) == len(workspace["tickets"]) == 1
        assert [one["role"] for one in workspace["members"]] == ["owner", "admin", "billing", "member"]
        assert "token" not in text


async def test_looking_at_a_page_for_a_while_is_one_reading(team: Team) -> None:
    support, other = await team.hire("support"), await team.hire("auditor")
    for staff in (support, support, other):
        await staff.call("GET", f"/api/console/users/{team.owner.id}")
        await staff.call("GET", f"/api/console/workspaces/{team.id}")
    assert (await actions(team, team.owner.id)).count("user.read") == 2
    assert (await actions(team, team.id)).count("workspace.read") == 2
    assert (await support.call("GET", f"/api/console/users/usr_{'0' * 32}")).code == (404, "not_found")


async def test_a_person_is_frozen_and_let_go_with_mails(team: Team) -> None:
    support = await team.hire("support")
    path = f"/users/{team.owner.id}"
    done = (await act(support, f"{path}/freeze", message="We check a payment.")).json
    assert (done["freeze"]["message"], done["freeze"]["reason"]) == ("We check a payment.", WHY["reason"])
    assert (await kinds(team, team.owner.email))[-1] == "account_frozen"
    items = (await support.call("GET", "/api/console/users?show=frozen")).json["items"]
    assert [one["id"] for one in items] == [team.owner.id]
    assert (await act(support, f"{path}/freeze", until="2020-01-01T00:00:00Z")).code == (400, "invalid_value")
    answers = await asyncio.gather(act(support, f"{path}/unfreeze"), act(support, f"{path}/unfreeze"))
    assert sorted(one.status for one in answers) == [200, 409]
    assert (await kinds(team, team.owner.email))[-1] == "account_unfrozen"
    assert {"user.freeze", "user.unfreeze"} <= set(await actions(team, team.owner.id))


async def test_nobody_acts_on_themselves_and_support_not_on_staff(team: Team) -> None:
    owner, support = await team.hire("owner"), await team.hire("support")
    for verb in ("freeze", "unfreeze", "sign-out"):
        assert (await act(support, f"/users/{support.id}/{verb}")).code == (409, "conflict")
        assert (await act(support, f"/users/{owner.id}/{verb}")).code == (403, "forbidden")
    assert (await act(owner, f"/users/{owner.id}/disable")).code == (409, "conflict")
    own = show("ws", support.personal)
    assert (await act(support, f"/workspaces/{own}/freeze")).code == (409, "conflict")
    assert (await act(support, f"/workspaces/{own}/limits", daily_limit="1", max_running=None)).code == (
        409,
        "conflict",
    )
    assert (await act(support, f"/users/{team.owner.id}/freeze", reason=" ")).status == 400


async def test_sessions_end_everywhere(team: Team) -> None:
    support = await team.hire("support")
    again = await team.sign_in_again(team.owner)
    assert (await act(support, f"/users/{team.owner.id}/sign-out")).json["sessions"] == []
    for browser in (team.owner, again):
        assert (await browser.call("GET", "/api/account")).code == (401, "unauthenticated")
    assert (await kinds(team, team.owner.email))[-1] == "signed_out"


async def test_a_second_factor_is_reset_by_an_owner_after_a_step_up(team: Team) -> None:
    owner, lost = await team.hire("owner"), await team.hire("finance")
    path = f"/users/{lost.id}/reset-factor"
    assert (await act(owner, path)).code == (403, "step_up_required")
    await owner.prove("user.reset_factor", lost.id)
    done = (await act(owner, path)).json
    assert (done["ways_in"]["authenticator"], done["ways_in"]["recovery_codes"], done["sessions"]) == (False, 0, [])
    assert (await kinds(team, lost.email))[-1] == "second_factor_reset"
    await owner.prove("user.reset_factor", lost.id)
    assert (await act(owner, path)).code == (409, "conflict")


async def test_a_person_is_kept_out_and_let_in_by_an_owner(team: Team) -> None:
    owner, other = await team.hire("owner"), await team.hire("owner", "Other")
    assert (await act(owner, f"/users/{team.owner.id}/disable")).json["disabled_at"] is not None
    assert (await team.owner.call("GET", "/api/account")).code == (401, "unauthenticated")
    assert (await act(owner, f"/users/{team.owner.id}/disable")).code == (409, "conflict")
    assert (await act(owner, f"/users/{team.owner.id}/enable")).json["disabled_at"] is None
    outcomes = await asyncio.gather(act(owner, f"/users/{other.id}/disable"), act(other, f"/users/{owner.id}/disable"))
    assert sum(one.status == 200 for one in outcomes) == 1
    (row,) = await team.query("SELECT count(*) AS left FROM users WHERE staff_role = 'owner' AND disabled_at IS NULL")
    assert row["left"] == 1


async def test_a_role_is_given_on_the_page_of_a_person(team: Team) -> None:
    owner = await team.hire("owner")
    path = f"/users/{team.stranger.id}/role"
    assert (await act(owner, path, role="finance")).code == (403, "step_up_required")
    await owner.prove("staff.role", team.stranger.id)
    assert (await act(owner, path, role="finance")).json["staff_role"] == "finance"
    await owner.prove("staff.role", owner.id)
    assert (await act(owner, f"/users/{owner.id}/role", role=None)).code == (409, "conflict")
    assert "staff_role" in await kinds(team, team.stranger.email)


async def make_key(team: Team) -> tuple[str, str]:
    async with transaction(team.pool) as connection:
        key, text = await keys.issue(
            connection, team.workspace_id, "ci", actor=team.actor, rpm=60, created_by=team.owner.user_id
        )
    return show("key", key.key_id), text


async def test_a_workspace_shows_what_it_owns_and_who_uses_it(team: Team) -> None:
    auditor = await team.hire("auditor")
    key, text = await make_key(team)
    await team.recharge("10", promo="2")
    async with transaction(team.pool) as connection:
        await order(connection, team.workspace_id, team.actor, amount="50", channel="manual")
    found: dict[str, Any] = (await auditor.call("GET", f"/api/console/workspaces/{team.id}")).json
    assert found["wallet"] == {
        "available_paid": "10", "available_promo": "2", "held": "0", "owed": "0", "refund_pending": "0",
    }  # fmt: skip
    assert [(one["id"], one["status"], one["rpm"]) for one in found["keys"]] == [(key, "active", 60)]
    assert found["keys"][0]["label"].endswith(text[-4:])
    assert text not in json.dumps(found)
    assert [one["state"] for one in found["orders"]] == ["awaiting_proof"]
    assert (found["flags"], found["case"], found["trusted"], found["yours"]) == ([], None, False, False)
    rows = (await auditor.call("GET", "/api/console/workspaces?show=team")).json["items"]
    assert [(one["name"], one["members"], one["available"]) for one in rows] == [("Acme", 4, "12")]
    for show_ in ("frozen", "debt", "flagged", "pending"):
        assert (await auditor.call("GET", f"/api/console/workspaces?show={show_}")).json["items"] == []
    async with borrow(team.pool) as connection:
        await connection.execute("UPDATE workspaces SET deleted_at = now() WHERE workspace_id = $1", team.workspace_id)
    gone = await auditor.call("GET", f"/api/console/workspaces/{team.id}")
    assert (gone.status, gone.json["deleted_at"] is None) == (200, False)


async def test_a_workspace_is_frozen_and_let_go(team: Team) -> None:
    support = await team.hire("support")
    path = f"/workspaces/{team.id}"
    frozen = (await act(support, f"{path}/freeze", until="2999-01-01T00:00:00Z", message="A check.")).json
    assert (frozen["freeze"]["message"], frozen["freeze"]["until"][:4]) == ("A check.", "2999")
    assert (await kinds(team, team.owner.email))[-1] == "workspace_frozen"
    assert (await act(support, f"{path}/unfreeze")).json["freeze"] is None
    assert (await act(support, f"{path}/unfreeze")).code == (409, "conflict")


async def test_support_lowers_limits_and_an_owner_raises_them(team: Team) -> None:
    owner, support = await team.hire("owner"), await team.hire("support")
    path = f"/workspaces/{team.id}/limits"
    limits = (await act(support, path, daily_limit="5", max_running=3)).json["limits"]
    assert (limits["daily_limit"], limits["max_running"]) == ("5", 3)
    for higher in ({"daily_limit": "6", "max_running": 3}, {"daily_limit": "5", "max_running": None}):
        assert (await act(support, path, **higher)).code == (403, "forbidden")
    assert (await act(support, path, daily_limit="5", max_running=3)).code == (409, "conflict")
    limits = (await act(owner, path, daily_limit=None, max_running=10)).json["limits"]
    assert (limits["daily_limit"], limits["max_running"]) == (None, 10)
    assert (await team.query("SELECT reason FROM audit_log WHERE action = 'workspace.limit'"))[0]["reason"] == WHY[
        "reason"
    ]


async def test_a_key_that_leaked_is_revoked_and_its_owners_told(team: Team) -> None:
    support = await team.hire("support")
    key, _ = await make_key(team)
    path = f"/workspaces/{team.id}/keys/{key}/revoke"
    assert (await act(support, path, leaked=True)).json["keys"] == []
    assert "key_leaked" in await kinds(team, team.owner.email)
    assert (await act(support, path)).code == (409, "conflict")
    assert (await act(support, f"/workspaces/{show('ws', team.stranger.personal)}/keys/{key}/revoke")).status == 404
