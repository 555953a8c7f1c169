"""SQL of disputes. Locks are taken in this order: the recharge, its refunds, its disputes, the wallet."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import DisputeId, UserId, WorkspaceId
from omna.payments.disputes.model import Dispute

_DISPUTE = (
    "SELECT d.workspace_id, d.dispute_id, d.recharge_id, r.reference, d.payment_key, d.processor, d.external_id,"
    " d.state, d.reason, d.amount_minor, d.currency, d.withdrawn_minor, d.returned_minor, d.clawed, d.more_claws,"
    " d.booked, d.froze, d.written_off, d.first_approver, d.first_approved_at, d.first_amount,"
    " d.promo_withdrawn, d.promo_expires_at, d.evidence_due, d.evidence_sent_at,"
    " d.note, d.flag, d.opened_at, d.closed_at FROM disputes AS d JOIN recharges AS r USING (workspace_id, recharge_id)"
)


async def add(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    dispute_id: DisputeId,
    recharge_id: UUID,
    payment_key: UUID,
    processor: str,
    external_id: str,
    state: str,
    reason: str,
    amount_minor: int,
    currency: str,
    evidence_due: datetime | None,
) -> None:
    """Add a dispute. Nothing happens when the payment service's id is known."""
    await connection.execute(
        "INSERT INTO disputes (workspace_id, dispute_id, recharge_id, payment_key, processor, external_id, state,"
        " reason, amount_minor, currency, evidence_due) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (processor, external_id) DO NOTHING",
        workspace_id,
        dispute_id,
        recharge_id,
        payment_key,
        processor,
        external_id,
        state,
        reason,
        amount_minor,
        currency,
        evidence_due,
    )


async def by_external(connection: Connection, processor: str, external_id: str) -> Dispute | None:
    row = await connection.fetchrow(
        _DISPUTE + " WHERE d.processor = $1 AND d.external_id = $2 FOR UPDATE OF d", processor, external_id
    )
    return None if row is None else Dispute(**row)


async def by_id(connection: Connection, dispute_id: UUID) -> Dispute | None:
    row = await connection.fetchrow(_DISPUTE + " WHERE d.dispute_id = $1", dispute_id)
    return None if row is None else Dispute(**row)


async def of_payment(connection: Connection, workspace_id: WorkspaceId, payment_key: UUID) -> list[Dispute]:
    """Return the disputes of a payment, oldest first; nobody else changes them until the transaction ends."""
    rows = await connection.fetch(
        _DISPUTE
        + " WHERE d.workspace_id = $1 AND d.payment_key = $2 ORDER BY d.opened_at, d.dispute_id FOR UPDATE OF d",
        workspace_id,
        payment_key,
    )
    return [Dispute(**row) for row in rows]


async def of_workspace(connection: Connection, workspace_id: WorkspaceId) -> list[Dispute]:
    """Return the disputes of a workspace, newest first."""
    rows = await connection.fetch(
        _DISPUTE + " WHERE d.workspace_id = $1 ORDER BY d.opened_at DESC, d.dispute_id DESC LIMIT 500", workspace_id
    )
    return [Dispute(**row) for row in rows]


async def page(
    connection: Connection, states: Sequence[str], after: tuple[datetime, UUID] | None, limit: int
) -> list[Dispute]:
    """Return disputes of every workspace in these states, newest first."""
    at, dispute_id = after or (None, None)
    rows = await connection.fetch(
        _DISPUTE + " WHERE d.state = ANY ($1)"
        " AND ($2::timestamptz IS NULL OR (d.opened_at, d.dispute_id) < ($2, $3))"
        " ORDER BY d.opened_at DESC, d.dispute_id DESC LIMIT $4",
        list(states),
        at,
        dispute_id,
        limit,
    )
    return [Dispute(**row) for row in rows]


async def note_facts(
    connection: Connection,
    dispute: Dispute,
    *,
    state: str,
    reason: str,
    amount_minor: int,
    withdrawn_minor: int,
    returned_minor: int,
    evidence_due: datetime | None,
    over: bool,
) -> None:
    await connection.execute(
        "UPDATE disputes SET state = $3, reason = $4, amount_minor = $5, withdrawn_minor = $6, returned_minor = $7,"
        " evidence_due = coalesce($8, evidence_due),"
        " closed_at = CASE WHEN $9 THEN coalesce(closed_at, clock_timestamp()) ELSE closed_at END"
        " WHERE workspace_id = $1 AND dispute_id = $2",
        dispute.workspace_id,
        dispute.dispute_id,
        state,
        reason,
        amount_minor,
        withdrawn_minor,
        returned_minor,
        evidence_due,
        over,
    )


async def note_booked(connection: Connection, dispute: Dispute, booked: str) -> None:
    await connection.execute(
        "UPDATE disputes SET booked = $3 WHERE workspace_id = $1 AND dispute_id = $2",
        dispute.workspace_id,
        dispute.dispute_id,
        booked,
    )


async def note_clawed(connection: Connection, dispute: Dispute, more: int, transfer: UUID) -> None:
    await connection.execute(
        "UPDATE disputes SET clawed = clawed + $3, more_claws = CASE WHEN $4 = dispute_id THEN more_claws"
        " ELSE more_claws || $4::uuid END WHERE workspace_id = $1 AND dispute_id = $2",
        dispute.workspace_id,
        dispute.dispute_id,
        more,
        transfer,
    )


async def note_promo(connection: Connection, dispute: Dispute, withdrawn: int, expires_at: datetime | None) -> None:
    await connection.execute(
        "UPDATE disputes SET promo_withdrawn = $3, promo_expires_at = $4 WHERE workspace_id = $1 AND dispute_id = $2",
        dispute.workspace_id,
        dispute.dispute_id,
        withdrawn,
        expires_at,
    )


async def note_frozen(connection: Connection, dispute: Dispute) -> None:
    await connection.execute(
        "UPDATE disputes SET froze = true WHERE workspace_id = $1 AND dispute_id = $2",
        dispute.workspace_id,
        dispute.dispute_id,
    )


async def set_flag(connection: Connection, dispute: Dispute, flag: str) -> None:
    await connection.execute(
        "UPDATE disputes SET flag = $3 WHERE workspace_id = $1 AND dispute_id = $2",
        dispute.workspace_id,
        dispute.dispute_id,
        flag,
    )


async def note_evidence_sent(connection: Connection, dispute: Dispute) -> bool:
    """Note that the bank was answered; False: that is known."""
    return (
        await connection.fetchval(
            "UPDATE disputes SET evidence_sent_at = clock_timestamp()"
            " WHERE workspace_id = $1 AND dispute_id = $2 AND evidence_sent_at IS NULL RETURNING true",
            dispute.workspace_id,
            dispute.dispute_id,
        )
        is True
    )


async def add_written_off(connection: Connection, dispute: Dispute, amount: int) -> None:
    await connection.execute(
        "UPDATE disputes SET written_off = written_off + $3, first_approver = NULL, first_approved_at = NULL,"
        " first_amount = NULL WHERE workspace_id = $1 AND dispute_id = $2",
        dispute.workspace_id,
        dispute.dispute_id,
        amount,
    )


async def unsent_refunds(connection: Connection, workspace_id: WorkspaceId, payment_key: UUID) -> list[UUID]:
    """Return the approved refunds of a payment that nobody has begun to pay out."""
    rows = await connection.fetch(
        "SELECT refund_id FROM refunds WHERE workspace_id = $1 AND payment_key = $2 AND state = 'approved'"
        " AND attempts = 0 ORDER BY refund_id FOR UPDATE",
        workspace_id,
        payment_key,
    )
    return [row["refund_id"] for row in rows]


async def set_first_approver(connection: Connection, dispute: Dispute, user_id: UserId, amount: int) -> None:
    await connection.execute(
        "UPDATE disputes SET first_approver = $3, first_approved_at = clock_timestamp(), first_amount = $4"
        " WHERE workspace_id = $1 AND dispute_id = $2",
        dispute.workspace_id,
        dispute.dispute_id,
        user_id,
        amount,
    )


async def forget_first_approver(connection: Connection, dispute: Dispute) -> None:
    await connection.execute(
        "UPDATE disputes SET first_approver = NULL, first_approved_at = NULL, first_amount = NULL"
        " WHERE workspace_id = $1 AND dispute_id = $2",
        dispute.workspace_id,
        dispute.dispute_id,
    )


async def state_of(connection: Connection, processor: str, external_id: str) -> str | None:
    """Return what a dispute is booked as, None for one that is not known."""
    booked: str | None = await connection.fetchval(
        "SELECT booked FROM disputes WHERE processor = $1 AND external_id = $2", processor, external_id
    )
    return booked


async def frozen_of(connection: Connection, workspace_id: WorkspaceId) -> tuple[str | None, bool]:
    """Return why a workspace is frozen for itself, and whether it was deleted: a bank disputes those payments, too."""
    row = await connection.fetchrow(
        "SELECT CASE WHEN NOT frozen_with_person THEN frozen_reason END AS frozen_reason,"
        " deleted_at IS NOT NULL AS deleted FROM workspaces WHERE workspace_id = $1",
        workspace_id,
    )
    assert row is not None, "rows of workspaces are never deleted"
    return row["frozen_reason"], row["deleted"]


async def name_of(connection: Connection, user_id: UUID | None) -> str | None:
    name: str | None = await connection.fetchval("SELECT name FROM users WHERE user_id = $1", user_id)
    return name


async def workspace_of(connection: Connection, recharge_id: UUID) -> WorkspaceId | None:
    found = await connection.fetchval("SELECT workspace_id FROM recharges WHERE recharge_id = $1", recharge_id)
    return None if found is None else WorkspaceId(found)


async def sign_ins(connection: Connection, user_id: UUID, since: datetime) -> list[tuple[datetime, str]]:
    """Return when a person signed in since a moment, and from which network address; oldest first, at most 200."""
    rows = await connection.fetch(
        "SELECT at, origin FROM audit_log WHERE action = 'user.sign_in' AND subject = $1 AND at >= $2"
        " ORDER BY seq LIMIT 200",
        f"usr_{user_id.hex}",
        since,
    )
    return [(row["at"], row["origin"]) for row in rows]


async def orders_of(connection: Connection, workspace_id: WorkspaceId) -> list[Record]:
    """Return every order of a workspace with what arrived for it, oldest first."""
    rows = await connection.fetch(
        "SELECT r.recharge_id, r.reference, r.state, r.channel, r.created_by, r.created_at, r.credited_at, r.credits,"
        " r.price_minor + r.fee_minor AS total_minor, r.currency, r.terms_version, r.processor, r.test_mode,"
        " p.payment_id, p.amount_minor, p.received_at, p.fingerprint <> '' AS fingerprinted"
        " FROM recharges AS r LEFT JOIN payments AS p USING (workspace_id, recharge_id)"
        " WHERE r.workspace_id = $1 ORDER BY r.created_at, p.received_at LIMIT 500",
        workspace_id,
    )
    return list(rows)


async def owner_of(connection: Connection, workspace_id: WorkspaceId, user_id: UUID | None) -> UserId | None:
    """Return whose account an order belongs to: who made it, else the first owner of the workspace."""
    found = await connection.fetchval(
        "SELECT coalesce($2::uuid, (SELECT m.user_id FROM members AS m WHERE m.workspace_id = $1 AND m.role = 'owner'"
        " ORDER BY m.user_id LIMIT 1))",
        workspace_id,
        user_id,
    )
    return None if found is None else UserId(found)
