"""One box that finds anything, as staff use it through /api/console/search."""

import json
from typing import Any

from omna.db.pool import borrow, transaction
from omna.ids import new_id, show
from omna.keys import service as keys
from tests.harness.recharges import order
from tests.harness.team import Browser, Team


async def search(staff: Browser, text: str) -> list[tuple[str, str, str]]:
    answer = await staff.call("POST", "/api/console/search", {"q": text})
    assert answer.status == 200, answer.json
    return [(one["kind"], one["id"], one["path"]) for one in answer.json["items"]]


async def issue(team: Team) -> tuple[str, str]:
    async with transaction(team.pool) as connection:
        key, text = await keys.issue(connection, team.workspace_id, "ci", actor=team.actor)
    return show("key", key.key_id), text


async def test_everything_that_is_quoted_is_found(team: Team) -> None:
    finance = await team.hire("finance")
    await team.recharge("10")
    key, text = await issue(team)
    async with transaction(team.pool) as connection:
        recharge = await order(connection, team.workspace_id, team.actor, amount="50", channel="manual")
        await connection.execute(
            "UPDATE recharges SET payer_reference = 'SEPA42' WHERE recharge_id = $1", recharge.recharge_id
        )
    ticket = await team.owner.call("POST", "/tickets", {"category": "other", "subject": "Help me", "text": "Please"})
    (transfer,) = await team.query("SELECT transfer_id FROM transfers")
    line, rch = show("tr", transfer["transfer_id"]), show("rch", recharge.recharge_id)
    in_workspace = f"/workspaces/{team.id}"
    for sought, expected in {
        "OWNER@exam": ("user", team.owner.id, f"/users/{team.owner.id}"),
        team.owner.id: ("user", team.owner.id, f"/users/{team.owner.id}"),
        team.owner.id[4:]: ("user", team.owner.id, f"/users/{team.owner.id}"),
        "acme": ("workspace", team.id, in_workspace),
        team.id: ("workspace", team.id, in_workspace),
        key: ("key", key, f"{in_workspace}?key={key}"),
        text[-4:]: ("key", key, f"{in_workspace}?key={key}"),
        f"{text[:9]}…{text[-4:]}": ("key", key, f"{in_workspace}?key={key}"),
        rch: ("recharge", rch, f"/recharges/{rch}"),
        recharge.reference.lower(): ("recharge", rch, f"/recharges/{rch}"),
        "sepa 42": ("recharge", rch, f"/recharges/{rch}"),
        line: ("ledger_line", line, f"{in_workspace}?ledger_line={line}"),
        ticket.json["id"]: ("ticket", ticket.json["id"], f"/support/{ticket.json['id']}"),
    }.items():
        assert expected in await search(finance, sought), sought
    for nothing in ("%%%", "___", "usr_" + "0" * 32, show("req", new_id()), "\\'; --"):
        assert await search(finance, nothing) == [], nothing


async def test_a_pasted_key_is_found_by_its_digest_and_kept_nowhere(team: Team) -> None:
    support = await team.hire("support")
    key, text = await issue(team)
    answer = (await support.call("POST", "/api/console/search", {"q": f"my key is {text} !"})).json
    assert answer["key_exposed"] is True
    assert [one["id"] for one in answer["items"]] == [key]
    assert text not in json.dumps(answer)
    (line,) = await team.query("SELECT * FROM audit_log WHERE action = 'console.search'")
    assert (line["subject"], line["after"]) == ("key", {"found": [key]})
    assert text not in str(dict(line))


async def test_who_does_not_decide_about_money_sees_addresses_masked(team: Team) -> None:
    async with borrow(team.pool) as connection:
        await connection.execute("UPDATE workspaces SET name = 'owner@example.com' WHERE kind = 'team'")
    seen: dict[str, Any] = {}
    for role in ("owner", "finance", "support", "auditor"):
        staff = await team.hire(role, f"Staff{role}")
        seen[role] = await staff.call("POST", "/api/console/search", {"q": "owner@example.com"})
    for role, answer in seen.items():
        kinds = {one["kind"] for one in answer.json["items"]}
        assert {"user", "workspace"} <= kinds
        assert ("owner@example.com" in json.dumps(answer.json)) == (role in ("owner", "finance"))
    assert "o•••@example.com" in json.dumps(seen["support"].json, ensure_ascii=False)
