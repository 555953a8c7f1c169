"""SQL of orders. Every transition says which states it may come from."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import RechargeId, UserId, WorkspaceId
from omna.payments.recharges.model import Received, Recharge, received_of


async def lock_workspace(connection: Connection, workspace_id: WorkspaceId) -> None:
    """Let one transaction at a time count and add the orders of a workspace."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('omna recharges of ' || $1, 0))", str(workspace_id)
    )


async def lock(connection: Connection, recharge_id: RechargeId) -> Recharge | None:
    """Return an order that nobody changes until the transaction ends."""
    await connection.execute("SELECT recharge_id FROM recharges WHERE recharge_id = $1 FOR UPDATE", recharge_id)
    return await get(connection, recharge_id)


async def get(connection: Connection, recharge_id: RechargeId) -> Recharge | None:
    found = await some(connection, [recharge_id])
    return found[0] if found else None


async def some(connection: Connection, recharge_ids: Sequence[RechargeId]) -> list[Recharge]:
    """Return orders by their ids, in this order."""
    rows = await connection.fetch(
        "SELECT r.workspace_id, r.recharge_id, r.created_by, r.channel, r.state, r.client_token, r.reference,"
        " r.credits, r.bonus, r.price_minor, r.fee_minor, r.currency, r.terms_version, r.billing, r.created_at,"
        " r.expires_at, r.method_id, r.payer_reference, r.payer_words, r.paid_on, r.note, r.proof_id, r.proof_name,"
        " r.proof_type, r.proof_size, r.proof_sha256, r.submitted_at, r.submitted_by, r.question, r.duplicate_of,"
        " r.reviewer_id, r.review_until, coalesce(r.review_until > now(), false) AS locked, r.first_approver,"
        " r.first_approved_at, r.first_credits, r.decided_by, r.decided_at, r.processor, r.test_mode, r.session_id,"
        " r.session_url, r.failure, r.flag, r.credited_at, r.save_method, r.received"
        " FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (recharge_id, place)"
        " JOIN recharges AS r USING (recharge_id) ORDER BY wanted.place",
        list(recharge_ids),
    )
    return [_recharge(row) for row in rows]


async def id_of_token(connection: Connection, workspace_id: WorkspaceId, client_token: str) -> RechargeId | None:
    found: RechargeId | None = await connection.fetchval(
        "SELECT recharge_id FROM recharges WHERE workspace_id = $1 AND client_token = $2", workspace_id, client_token
    )
    return found


async def count_live(connection: Connection, workspace_id: WorkspaceId, states: Sequence[str]) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM recharges WHERE workspace_id = $1 AND state = ANY ($2::text[])",
        workspace_id,
        list(states),
    )
    return count


async def add(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    recharge_id: RechargeId,
    created_by: UserId | None,
    channel: str,
    state: str,
    client_token: str,
    reference: str,
    credits: int,  # noqa: A002 - the word of the product
    bonus: int,
    price_minor: int,
    fee_minor: int,
    currency: str,
    terms_version: str,
    method_id: UUID | None,
    processor: str | None,
    test_mode: bool,
    save_method: bool,
    lifetime: timedelta,
) -> bool:
    """Add an order with the billing details of this moment; False when the reference is taken."""
    added = await connection.fetchval(
        "INSERT INTO recharges (workspace_id, recharge_id, created_by, channel, state, client_token, reference,"
        " credits, bonus, price_minor, fee_minor, currency, terms_version, method_id, processor, test_mode,"
        " save_method, expires_at, billing)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, now() + $18::interval,"
        " coalesce((SELECT jsonb_build_object('name', name, 'address', address, 'tax_id', tax_id)"
        "           FROM billing_details WHERE workspace_id = $1), '{}'))"
        " ON CONFLICT (reference) DO NOTHING RETURNING true",
        workspace_id,
        recharge_id,
        created_by,
        channel,
        state,
        client_token,
        reference,
        credits,
        bonus,
        price_minor,
        fee_minor,
        currency,
        terms_version,
        method_id,
        processor,
        test_mode,
        save_method,
        lifetime,
    )
    return added is not None


async def newest(connection: Connection, workspace_id: WorkspaceId, before: UUID | None, limit: int) -> list[Recharge]:
    """Return the orders of a workspace, newest first."""
    rows = await connection.fetch(
        "SELECT recharge_id FROM recharges WHERE workspace_id = $1 AND ($2::uuid IS NULL OR recharge_id < $2)"
        " ORDER BY recharge_id DESC LIMIT $3",
        workspace_id,
        before,
        limit,
    )
    return await some(connection, [row["recharge_id"] for row in rows])


async def set_submitted(
    connection: Connection,
    recharge_id: RechargeId,
    *,
    payer_reference: str,
    payer_words: str,
    paid_on: date | None,
    note: str,
    by: UserId,
) -> None:
    """Hand an order in. Whoever had looked at it looks again: locks and first approvals end."""
    await connection.execute(
        "UPDATE recharges SET state = 'submitted', payer_reference = $2, payer_words = $3, paid_on = $4, note = $5,"
        " submitted_by = $6, submitted_at = now(), reviewer_id = NULL, review_until = NULL, first_approver = NULL,"
        " first_approved_at = NULL, first_credits = NULL WHERE recharge_id = $1",
        recharge_id,
        payer_reference,
        payer_words,
        paid_on,
        note,
        by,
    )


async def set_proof(
    connection: Connection, recharge_id: RechargeId, proof_id: UUID, name: str, media_type: str, size: int, sha256: str
) -> None:
    await connection.execute(
        "UPDATE recharges SET proof_id = $2, proof_name = $3, proof_type = $4, proof_size = $5, proof_sha256 = $6"
        " WHERE recharge_id = $1",
        recharge_id,
        proof_id,
        name,
        media_type,
        size,
        sha256,
    )


async def set_state(connection: Connection, recharge_id: RechargeId, before: str, after: str) -> bool:
    """Move an order to a state without further facts; False when it is not where it was."""
    moved = await connection.fetchval(
        "UPDATE recharges SET state = $3, reviewer_id = NULL, review_until = NULL"
        " WHERE recharge_id = $1 AND state = $2 RETURNING true",
        recharge_id,
        before,
        after,
    )
    return moved is not None


async def set_asked(connection: Connection, recharge_id: RechargeId, question: str, lifetime: timedelta) -> None:
    await connection.execute(
        "UPDATE recharges SET state = 'needs_information', question = $2, reviewer_id = NULL, review_until = NULL,"
        " first_approver = NULL, first_approved_at = NULL, first_credits = NULL,"
        " expires_at = greatest(expires_at, now() + $3::interval) WHERE recharge_id = $1",
        recharge_id,
        question,
        lifetime,
    )


async def set_decided(
    connection: Connection, recharge_id: RechargeId, state: str, question: str, duplicate_of: UUID | None, by: UserId
) -> None:
    """End an order without Credits."""
    await connection.execute(
        "UPDATE recharges SET state = $2, question = $3, duplicate_of = $4, decided_by = $5, decided_at = now(),"
        " reviewer_id = NULL, review_until = NULL, received = received || '{\"turned_down\": true}',"
        " first_approver = NULL, first_approved_at = NULL, first_credits = NULL"
        " WHERE recharge_id = $1",
        recharge_id,
        state,
        question,
        duplicate_of,
        by,
    )


async def turn_down(connection: Connection, recharge_id: RechargeId) -> None:
    """Note that money which does not fit a credited order is worth nothing."""
    await connection.execute(
        "UPDATE recharges SET received = received || '{\"turned_down\": true}', reviewer_id = NULL,"
        " review_until = NULL, first_approver = NULL, first_approved_at = NULL, first_credits = NULL"
        " WHERE recharge_id = $1",
        recharge_id,
    )


async def set_approver(connection: Connection, recharge_id: RechargeId, by: UserId) -> None:
    """Note who decided that an order is credited."""
    await connection.execute(
        "UPDATE recharges SET decided_by = $2, decided_at = now(), reviewer_id = NULL, review_until = NULL"
        " WHERE recharge_id = $1",
        recharge_id,
        by,
    )


async def set_first_approver(connection: Connection, recharge_id: RechargeId, by: UserId, amount: int) -> None:
    await connection.execute(
        "UPDATE recharges SET first_approver = $2, first_approved_at = now(), first_credits = $3, reviewer_id = NULL,"
        " review_until = NULL WHERE recharge_id = $1",
        recharge_id,
        by,
        amount,
    )


async def set_reviewer(connection: Connection, recharge_id: RechargeId, by: UserId | None, lease: timedelta) -> None:
    await connection.execute(
        "UPDATE recharges SET reviewer_id = $2,"
        " review_until = CASE WHEN $2::uuid IS NULL THEN NULL ELSE now() + $3::interval END WHERE recharge_id = $1",
        recharge_id,
        by,
        lease,
    )


async def forget_received(connection: Connection, recharge_id: RechargeId, payment_id: str) -> None:
    """Forget that a payment waits for a decision: it was credited."""
    await connection.execute(
        "UPDATE recharges SET received = NULL WHERE recharge_id = $1 AND received ->> 'payment_id' = $2",
        recharge_id,
        payment_id,
    )


async def set_credited(connection: Connection, recharge_id: RechargeId, flag: str) -> None:
    """Mark an order as credited. flag: empty leaves the one there is."""
    await connection.execute(
        "UPDATE recharges SET state = 'credited', credited_at = coalesce(credited_at, now()), failure = '',"
        " flag = CASE WHEN $2 = '' THEN flag ELSE $2 END, reviewer_id = NULL, review_until = NULL"
        " WHERE recharge_id = $1",
        recharge_id,
        flag,
    )


async def set_flag(connection: Connection, recharge_id: RechargeId, flag: str) -> None:
    await connection.execute("UPDATE recharges SET flag = $2 WHERE recharge_id = $1", recharge_id, flag)


async def set_received(
    connection: Connection, recharge_id: RechargeId, received: Received, flag: str, *, to_review: bool
) -> None:
    """Keep money that does not fit; to_review: the order waits for a person."""
    await connection.execute(
        "UPDATE recharges SET received = $2, flag = $3, state = CASE WHEN $4 THEN 'submitted' ELSE state END,"
        " submitted_at = CASE WHEN $4 THEN now() ELSE submitted_at END WHERE recharge_id = $1",
        recharge_id,
        asdict(received),
        flag,
        to_review,
    )


async def due(connection: Connection, limit: int) -> list[Recharge]:
    """Return orders by hand that nobody acted on in time, locked; those somebody acts on now are left out."""
    rows = await connection.fetch(
        "SELECT recharge_id FROM recharges WHERE channel = 'manual' AND expires_at <= now()"
        " AND state IN ('awaiting_proof', 'needs_information') ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED",
        limit,
    )
    return await some(connection, [row["recharge_id"] for row in rows])


async def moment(connection: Connection) -> datetime:
    now: datetime = await connection.fetchval("SELECT now()")
    return now


def _recharge(row: Record) -> Recharge:
    values: dict[str, Any] = dict(row)
    values["received"] = received_of(values["received"])
    return Recharge(**values)
