"""The bodies of workspaces as staff see them."""

from typing import Any
from uuid import UUID

from asyncpg import Record

from omna.console import privacy
from omna.console import profile_store as store
from omna.console.people_schemas import Freeze
from omna.console.profiles import ticket_row
from omna.console.workspace_schemas import (
    DisputeOfStaff,
    FlagOfStaff,
    KeyRowOfStaff,
    Limits,
    MemberOfStaff,
    OrderRowOfStaff,
    RefundOfStaff,
    RequestRowOfStaff,
    RunningRow,
    WalletFacts,
    WorkspaceRowOfStaff,
)
from omna.db.pool import Connection
from omna.errors import NotFound
from omna.http.principal import Person
from omna.http.values import MoneyOut
from omna.ids import WorkspaceId, show
from omna.keys import listing
from omna.keys.model import KeyRow
from omna.risk.rules import service as rules
from omna.risk.rules.service import Hit

#: Of the list of what rules found.
_FLAGS = 10


def workspace_row(row: Record, who: Person) -> WorkspaceRowOfStaff:
    """Return a workspace in a list."""
    return WorkspaceRowOfStaff(
        id=show("ws", row["workspace_id"]),
        name=privacy.text(who, row["name"]),
        kind=row["kind"],
        owner_email=None if row["owner_email"] is None else privacy.email(who, row["owner_email"]),
        members=row["members"],
        created_at=row["created_at"],
        frozen=row["frozen_at"] is not None,
        pending=row["pending"],
        available=row["available"],
        held=row["held"],
        owed=row["owed"],
        spent_today=row["spent_today"],
        daily_limit=row["daily_limit"],
    )


async def of_workspace(connection: Connection, workspace_id: WorkspaceId, who: Person) -> dict[str, Any]:
    """Return the fields of a workspace's page. Errors: NotFound."""
    row = await store.workspace(connection, workspace_id)
    if row is None:
        raise NotFound("There is no such workspace.")
    people = await store.members(connection, workspace_id)
    flags = await rules.flags_of(connection, workspace_id)
    case = next((one for one in flags.cases if one.state == "open"), None)
    return {
        "id": show("ws", workspace_id),
        "name": privacy.text(who, row["name"]),
        "kind": row["kind"],
        "person": _shown("usr", row["personal_user_id"]),
        "created_at": row["created_at"],
        "deleted_at": row["deleted_at"],
        "pending": row["pending"],
        "freeze": _freeze(row, who),
        "frozen_with_person": row["frozen_with_person"],
        "wallet": WalletFacts(**{name: row[name] for name in WalletFacts.model_fields}),
        "limits": Limits(**{name: row[name] for name in Limits.model_fields}),
        "running": [_running(one, who) for one in await store.running(connection, workspace_id)],
        "members": [_member(one, who) for one in people],
        "keys": [_key(one, who) for one in await listing.of_workspace(connection, workspace_id)],
        "orders": [_order(one) for one in await store.orders(connection, workspace_id)],
        "refunds": [_refund(one) for one in await store.refunds(connection, workspace_id)],
        "disputes": [_dispute(one) for one in await store.disputes(connection, workspace_id)],
        "flags": [_flag(one, who) for one in flags.hits[:_FLAGS]],
        "case": None if case is None else show("cas", case.case_id),
        "trusted": flags.trusted_since is not None,
        "tickets": [ticket_row(one, who) for one in await store.tickets_of_workspace(connection, workspace_id)],
        "requests": [_request(one) for one in await store.requests(connection, workspace_id)],
        "yours": any(one["user_id"] == who.user_id for one in people) or row["personal_user_id"] == who.user_id,
    }


def _running(row: Record, who: Person) -> RunningRow:
    return RunningRow(
        id=show("req", row["hold_id"]),
        model=row["model_id"],
        source=row["source"],
        key_name=None if row["key_name"] is None else privacy.text(who, row["key_name"]),
        held=row["held"],
        since=row["created_at"],
    )


def _member(row: Record, who: Person) -> MemberOfStaff:
    return MemberOfStaff(
        id=show("usr", row["user_id"]),
        email=privacy.email(who, row["email"]),
        name=privacy.text(who, row["name"]),
        role=row["role"],
        spend_limit=row["spend_limit"],
        spend_period=row["spend_period"],
        joined_at=row["created_at"],
        disabled=row["disabled_at"] is not None,
        frozen=row["frozen_at"] is not None,
    )


def _key(row: KeyRow, who: Person) -> KeyRowOfStaff:
    key = row.key
    return KeyRowOfStaff(
        id=show("key", key.key_id),
        name=privacy.text(who, key.name),
        label=key.label,
        status=row.status,
        creator_name=None if row.creator_name is None else privacy.text(who, row.creator_name),
        rpm=key.rpm,
        max_running=key.max_running,
        spend_limit=key.spend_limit,
        spend_period=key.spend_period,
        expires_at=key.expires_at,
        last_used_at=row.last_used_at,
        spent_30d=row.spent_30d,
    )


def _order(row: Record) -> OrderRowOfStaff:
    return OrderRowOfStaff(
        id=show("rch", row["recharge_id"]),
        reference=row["reference"],
        state=row["state"],
        channel=row["channel"],
        credits=row["credits"],
        flag=row["flag"],
        created_at=row["created_at"],
    )


def _refund(row: Record) -> RefundOfStaff:
    return RefundOfStaff(
        id=show("rfd", row["refund_id"]),
        reference=row["reference"],
        state=row["state"],
        credits=row["credits"],
        created_at=row["created_at"],
    )


def _dispute(row: Record) -> DisputeOfStaff:
    return DisputeOfStaff(
        id=show("dsp", row["dispute_id"]),
        reference=row["reference"],
        state=row["state"],
        amount=MoneyOut(minor=row["amount_minor"], currency=row["currency"]),
        opened_at=row["opened_at"],
    )


def _flag(hit: Hit, who: Person) -> FlagOfStaff:
    english, chinese = rules.because(hit.rule.kind, hit.rule.parameters, hit.numbers)
    return FlagOfStaff(
        at=hit.found_at,
        rule=hit.rule.name,
        why=privacy.text(who, english),
        why_zh=privacy.text(who, chinese),
        acted=hit.acted,
        reversed=hit.reversed_at is not None,
    )


def _request(row: Record) -> RequestRowOfStaff:
    return RequestRowOfStaff(
        id=show("req", row["request_id"]),
        model=row["model_id"],
        outcome=row["outcome"],
        error_code=row["error_code"],
        source=row["source"],
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        charge=row["charge"],
        provider_cost=row["provider_charge"],
        duration_ms=row["duration_ms"],
        at=row["settled_at"],
    )


def _freeze(row: Record, who: Person) -> Freeze | None:
    if row["frozen_at"] is None:
        return None
    return Freeze(
        since=row["frozen_at"],
        until=row["frozen_until"],
        message=privacy.text(who, row["frozen_reason"]),
        reason=privacy.text(who, row["frozen_note"]),
    )


def _shown(prefix: str, identifier: UUID | None) -> str | None:
    return None if identifier is None else show(prefix, identifier)
