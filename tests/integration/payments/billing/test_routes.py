"""Billing details belong to owner and billing; a receipt shows those of the moment of its order."""

from typing import Any
from uuid import UUID

from omna.ids import new_id, show
from tests.harness.papers import text_of
from tests.harness.team import Browser, Team

DETAILS = {"name": "Acme GmbH", "address": "Main St 1\n10115 Berlin", "tax_id": "DE123", "email": "books@example.com"}


async def order(team: Team, *, state: str = "credited", billing: dict[str, str] | None = None, **facts: Any) -> UUID:
    """Add an order as recharges leaves it."""
    recharge_id, credited = new_id(), state in ("credited", "reversed")
    row = {
        "workspace_id": team.workspace_id, "recharge_id": recharge_id, "channel": "manual", "state": state,
        "client_token": recharge_id.hex, "reference": f"OM-{recharge_id.hex[-8:]}", "credits": 25 * 10**9,
        "price_minor": 2500, "currency": "usd", "terms_version": "1", "billing": billing or {},
        "method_id": UUID("0192a000-0000-7000-8000-000000000001"), **facts,
    }  # fmt: skip
    columns = ", ".join(row)
    values = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await team.query(
        f"INSERT INTO recharges ({columns}, expires_at, credited_at)"
        f" VALUES ({values}, now(), {'now()' if credited else 'NULL'})",
        *row.values(),
    )
    if credited:
        await team.query(
            "INSERT INTO payments (workspace_id, payment_key, recharge_id, processor, payment_id, amount_minor,"
            " currency, credits) VALUES ($1, $2, $3, 'manual', $4, 2500, 'usd', $5)",
            team.workspace_id, new_id(), recharge_id, recharge_id.hex, 25 * 10**9,
        )  # fmt: skip
    return recharge_id


async def receipt(who: Browser, recharge_id: UUID, query: str = "") -> Any:
    team = who.team
    path = f"/api/workspaces/{team.id}/recharges/{show('rch', recharge_id)}/receipt.pdf{query}"
    return await team.http.get(path, headers=who.cookie)


async def test_details_are_empty_then_what_was_said(team: Team) -> None:
    empty = {"name": "", "address": "", "tax_id": "", "email": ""}
    assert (await team.billing.call("GET", "/billing-details")).json == empty
    changed = await team.billing.call("PUT", "/billing-details", {**DETAILS, "name": "  Acme   GmbH "})
    assert changed.json == DETAILS
    assert (await team.owner.call("GET", "/billing-details")).json == DETAILS
    cleared = await team.owner.call("PUT", "/billing-details", {})
    assert cleared.json == empty


async def test_change_is_on_record_without_what_it_says(team: Team) -> None:
    await team.owner.call("PUT", "/billing-details", DETAILS)
    await team.owner.call("PUT", "/billing-details", DETAILS)
    await team.owner.call("PUT", "/billing-details", {**DETAILS, "tax_id": "DE124"})
    rows = await team.query("SELECT after FROM audit_log WHERE action = 'billing_details.change' ORDER BY seq")
    assert [row["after"] for row in rows] == [
        {"changed": ["name", "address", "tax_id", "email"]},
        {"changed": ["tax_id"]},
    ]


async def test_details_that_cannot_be_printed_are_refused_by_their_field(team: Team) -> None:
    wrong = {"name": "right\u202eleft", "address": "\n".join("abcdefghi"), "tax_id": "x" * 51, "email": "nobody"}
    for field, value in wrong.items():
        refused = await team.owner.call("PUT", "/billing-details", {**DETAILS, field: value})
        assert refused.code == (400, "invalid_value"), field
        assert field in str(refused.json), field
    assert (await team.owner.call("GET", "/billing-details")).json["name"] == ""


async def test_members_and_strangers_see_neither_details_nor_receipts(team: Team) -> None:
    recharge_id = await order(team)
    for who, code in ((team.member, 403), (team.admin, 403), (team.stranger, 404)):
        assert (await who.call("GET", "/billing-details")).status == code
        assert (await receipt(who, recharge_id)).status_code == code


async def test_receipt_keeps_the_details_of_its_moment(team: Team) -> None:
    recharge_id = await order(team, billing={"name": "Old Name Ltd", "address": "Old St 1", "tax_id": "OLD-1"})
    await team.owner.call("PUT", "/billing-details", DETAILS)
    answer = await receipt(team.billing, recharge_id)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith('attachment; filename="omna-receipt-OM-')
    text = text_of(answer.content)
    for part in ("Old Name Ltd", "Old St 1", "OLD-1", "Acme", "25.00 Credits", "25.00 USD", "Bank transfer"):
        assert part in text, part
    assert "Acme GmbH" not in text


async def test_receipt_lists_refunds_that_were_decided(team: Team) -> None:
    recharge_id = await order(team)
    for state, minor in (("requested", None), ("rejected", None), ("paid", 500)):
        await team.query(
            "INSERT INTO refunds (workspace_id, refund_id, recharge_id, kind, preference, state, client_token, reason,"
            " credits, amount_minor, currency) VALUES ($1, $2, $3, 'unused', 'refund', $4, $5, 'a test', $6, $7, 'usd')",
            team.workspace_id, new_id(), recharge_id, state, new_id().hex, 5 * 10**9, minor,
        )  # fmt: skip
    text = text_of((await receipt(team.owner, recharge_id)).content)
    assert text.count("5.00 Credits given back") == 1
    assert "−5.00 USD" in text


async def test_there_is_a_receipt_only_once_the_credits_are_there(team: Team) -> None:
    waiting = await order(team, state="submitted")
    refused = await receipt(team.owner, waiting)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    assert (await receipt(team.owner, new_id())).status_code == 404


async def test_receipt_of_another_workspace_is_unknown(team: Team) -> None:
    recharge_id = await order(team)
    path = f"/api/workspaces/{show('ws', team.owner.personal)}/recharges/{show('rch', recharge_id)}/receipt.pdf"
    answer = await team.http.get(path, headers=team.owner.cookie)
    assert answer.status_code == 404


async def test_statement_of_a_month_says_who_is_billed(team: Team) -> None:
    await team.recharge("10")
    await team.owner.call("PUT", "/billing-details", DETAILS)
    [month] = (await team.owner.call("GET", "/ledger/statements")).json
    answer = await team.http.get(
        f"/api/workspaces/{team.id}/ledger/statements/{month['month']}", headers=team.owner.cookie
    )
    text = text_of(answer.content)
    assert "Acme GmbH" in text
    assert "DE123" in text
