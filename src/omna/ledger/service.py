"""The ledger's door: every function takes the caller's connection, so a booking commits with its reason for being.

The hot path does not come through here: gateway/admission.sql and gateway/settlement.sql call the same booking
functions inside the database.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from omna.clock import now
from omna.errors import Conflict, InsufficientCredits, InvalidValue, Limit, NotFound, OmnaError
from omna.ids import TransferId, WorkspaceId
from omna.ledger import chart, check_store, line_store, store, verification
from omna.ledger.chart import Legs, Posting
from omna.ledger.model import Charge, Code, Finding, Head, Standing, TransferLine, Wallet
from omna.ledger.store import Connection
from omna.money import Nanocredits, format_credits

#: Broken rows of a check that are remembered; the others are counted.
MOST_NAMED = 100
#: How long promo Credits can be spent at least that a request had taken and that come back.
PROMO_BACK_FOR = timedelta(days=30)


async def open_wallet(conn: Connection, workspace_id: WorkspaceId) -> None:
    """Give a workspace its wallet. Nothing happens when it has one."""
    await store.open_wallet(conn, workspace_id)


async def wallet(conn: Connection, workspace_id: WorkspaceId) -> Wallet:
    """Return the balances of a workspace. Errors: NotFound."""
    found = await store.wallet(conn, workspace_id)
    if found is None:
        raise NotFound("There is no such workspace.")
    return found


async def locked_wallet(conn: Connection, workspace_id: WorkspaceId) -> Wallet:
    """Return the balances of a workspace, which nothing changes until the transaction ends. Errors: NotFound."""
    return await _lock(conn, workspace_id)


async def recharge(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    actor: str,
    reason: str,
    converted: bool = False,
) -> Code:
    """Book bought Credits (> 0); debt is repaid first.

    converted  of a payment that was made once too often, which its customer keeps as Credits
    Errors     InvalidValue, Conflict, NotFound
    """
    _require_positive(amount)
    named = _Named(transfer_id, workspace_id, actor, reason)
    kind = "conversion" if converted else "recharge"
    return await _book(conn, named, kind, lambda wallet: chart.recharge(wallet, amount), amount)


async def grant_promo(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    expires_at: datetime | None,
    actor: str,
    reason: str,
) -> Code:
    """Book given Credits (> 0), spent before paid ones until they expire. Errors: InvalidValue, Conflict, NotFound."""
    _require_positive(amount)
    named = _Named(transfer_id, workspace_id, actor, reason, expires_at)
    return await _book(conn, named, "promo_grant", lambda _: chart.promo_grant(amount), amount, expires_at)


async def adjust(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    actor: str,
    reason: str,
    corrects: TransferId | None = None,
) -> Code:
    """Book a correction by staff, up or down; down takes paid Credits only, as far as they are available.

    corrects  the transfer of the same wallet that this one puts right: both lines then name each other
    Errors    InvalidValue (zero), InsufficientCredits (down by more than is available), Conflict, NotFound
    """
    if amount == 0:
        raise InvalidValue("An adjustment of zero changes nothing.", param="amount")
    named = _Named(transfer_id, workspace_id, actor, reason)
    code = await _book(conn, named, "adjustment", lambda wallet: chart.adjustment(wallet, amount), amount)
    await _correct(conn, workspace_id, transfer_id, corrects)
    return code


async def refund_usage(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    hold_id: TransferId,
    amount: Nanocredits,
    actor: str,
    reason: str,
) -> Code:
    """Give the charge of a request back, or a part of it, once: to the buckets that paid it, in reverse order.

    The promo part is a grant of its own, because the one it came from may have ended: it can be spent for 30 days, or
    as long as any other grant of the workspace.

    Errors  InvalidValue (more than the charge), Conflict (given back before, or never charged), NotFound
    """
    _require_positive(amount)
    wallet = await _lock(conn, workspace_id)
    charge = await charge_of(conn, workspace_id, hold_id)
    promo_until = await store.promo_end(conn, workspace_id, now() + PROMO_BACK_FOR)
    named = _Named(transfer_id, workspace_id, actor, reason, promo_until)
    legs = chart.usage_refund(wallet, charge, amount)
    if not await store.knows(conn, workspace_id, transfer_id):
        require_refundable(charge, amount)
    code = await _book(conn, named, "usage_refund", lambda _: legs, hold_id, amount)
    await _correct(conn, workspace_id, transfer_id, charge.settled_by)
    return code


async def charge_of(conn: Connection, workspace_id: WorkspaceId, hold_id: TransferId) -> Charge:
    """Return what a request was charged, and what was given back of it. Errors: Conflict when it was nothing."""
    charge = await store.charge_of_hold(conn, workspace_id, hold_id)
    if charge is None:
        raise Conflict("Nothing was charged for this request, or it is still running.")
    return charge


def require_refundable(charge: Charge, amount: Nanocredits) -> None:
    """Errors: Conflict (given back before), InvalidValue (more than the charge)."""
    if charge.given_back:
        raise Conflict("The charge of this request was given back already.")
    if amount > charge.total:
        raise InvalidValue(
            f"The request was charged {format_credits(charge.total)} Credits; no more can be given back.",
            param="credits",
        )


async def approve_refund(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    actor: str,
    reason: str,
) -> Code:
    """Set paid Credits (> 0) aside until their money went back. What is held or owed stays.

    Errors  InvalidValue, InsufficientCredits, Conflict, NotFound
    """
    _require_positive(amount)
    named = _Named(transfer_id, workspace_id, actor, reason)
    return await _book(conn, named, "refund_approved", lambda _: chart.refund_approved(amount), amount)


async def pay_refund(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    actor: str,
    reason: str,
) -> Code:
    """Book that the money of an approved refund went out. Errors: InvalidValue, Conflict (not set aside), NotFound."""
    _require_positive(amount)
    named = _Named(transfer_id, workspace_id, actor, reason)
    return await _book(conn, named, "refund_paid", lambda _: chart.refund_paid(amount), amount)


async def fail_refund(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    was_paid: bool,
    actor: str,
    reason: str,
    corrects: TransferId | None = None,
) -> Code:
    """Give the Credits of an approved refund back; a debt is repaid first.

    was_paid  pay_refund was booked before: the money seemed to go out and came back
    corrects  the transfer that approved the refund: both lines then name each other
    Errors    InvalidValue, Conflict (not set aside), NotFound
    """
    _require_positive(amount)
    named = _Named(transfer_id, workspace_id, actor, reason)
    code = await _book(
        conn,
        named,
        "refund_failed",
        lambda wallet: chart.refund_failed(wallet, amount, was_paid=was_paid),
        amount,
        was_paid,
    )
    await _correct(conn, workspace_id, transfer_id, corrects)
    return code


async def open_chargeback(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    actor: str,
    reason: str,
) -> Code:
    """Take the Credits of a disputed payment back: paid ones first, the rest is owed. It always works.

    Errors  InvalidValue, Conflict, NotFound
    """
    _require_positive(amount)
    named = _Named(transfer_id, workspace_id, actor, reason)
    return await _book(conn, named, "chargeback_opened", lambda wallet: chart.chargeback_opened(wallet, amount), amount)


async def win_chargeback(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    actor: str,
    reason: str,
    corrects: TransferId | None = None,
) -> Code:
    """Give the Credits of a dispute back whose money came back; what is owed now is repaid first.

    amount    what open_chargeback took; the caller knows that it did and that it is not closed
    corrects  the transfer that opened the chargeback: both lines then name each other
    Errors    InvalidValue, Conflict, NotFound
    """
    _require_positive(amount)
    named = _Named(transfer_id, workspace_id, actor, reason)
    code = await _book(conn, named, "chargeback_won", lambda wallet: chart.chargeback_won(wallet, amount), amount)
    await _correct(conn, workspace_id, transfer_id, corrects)
    return code


async def lose_chargeback(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    actor: str,
    reason: str,
) -> Code:
    """Close a dispute whose money is gone. The wallet does not change: it paid when the chargeback was opened.

    amount  what open_chargeback took; the caller knows that it did and that it is not closed
    Errors  InvalidValue, Conflict, NotFound
    """
    _require_positive(amount)
    named = _Named(transfer_id, workspace_id, actor, reason)
    return await _book(conn, named, "chargeback_lost", lambda _: chart.chargeback_lost(amount), amount)


async def write_off_debt(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    actor: str,
    reason: str,
) -> Code:
    """Give up a debt or a part of it. Errors: InvalidValue (also: more than is owed), Conflict, NotFound."""
    _require_positive(amount)
    named = _Named(transfer_id, workspace_id, actor, reason)
    return await _book(conn, named, "debt_written_off", lambda _: chart.debt_written_off(amount), amount)


async def withdraw_promo(
    conn: Connection,
    *,
    transfer_id: TransferId,
    workspace_id: WorkspaceId,
    grant_id: TransferId,
    actor: str,
    reason: str,
) -> Nanocredits:
    """Take back what is left of a promo grant and end it; returns how much that was, also for a replay.

    Open holds keep what they took; what they give back of an ended grant is lost to the workspace as well.

    Errors  Conflict, NotFound
    """
    fingerprint = chart.fingerprint("promo_withdrawn", workspace_id, grant_id)
    code, amount = await store.withdraw_promo(conn, workspace_id, transfer_id, grant_id, fingerprint, actor, reason)
    match code:
        case Code.UNKNOWN_WALLET:
            raise NotFound("There is no such workspace.")
        case Code.UNKNOWN_GRANT:
            raise NotFound("There is no such grant in this workspace.")
        case Code.CONFLICT:
            raise Conflict("This id was already used for another booking.")
    return Nanocredits(amount)


async def give_up(
    conn: Connection, *, transfer_id: TransferId, workspace_id: WorkspaceId, actor: str, reason: str
) -> None:
    """Empty the wallet of a workspace whose owner gives up what is left of its Credits.

    Errors  Conflict when something is held, owed or being refunded; NotFound
    """
    fingerprint = chart.fingerprint("give_up", workspace_id)
    match await store.give_up(conn, workspace_id, transfer_id, fingerprint, actor, reason):
        case Code.UNKNOWN_WALLET:
            raise NotFound("There is no such workspace.")
        case Code.NOT_OPEN:
            raise Conflict("Something is held, owed or being refunded here. Wait for running requests, or ask support.")


async def hold(
    conn: Connection,
    *,
    hold_ids: Sequence[TransferId],
    workspace_ids: Sequence[WorkspaceId],
    amounts: Sequence[Nanocredits],
    lease: timedelta,
) -> list[Code]:
    """Reserve Credits for a batch of new holds; one code per item, in input order."""
    return await store.hold(conn, hold_ids, hold_ids, workspace_ids, amounts, lease)


async def extend(
    conn: Connection,
    *,
    transfer_ids: Sequence[TransferId],
    hold_ids: Sequence[TransferId],
    workspace_ids: Sequence[WorkspaceId],
    amounts: Sequence[Nanocredits],
    lease: timedelta,
) -> list[Code]:
    """Reserve more Credits for open holds; one code per item, in input order."""
    return await store.hold(conn, transfer_ids, hold_ids, workspace_ids, amounts, lease)


async def settle(
    conn: Connection,
    *,
    transfer_ids: Sequence[TransferId],
    hold_ids: Sequence[TransferId],
    workspace_ids: Sequence[WorkspaceId],
    charges: Sequence[Nanocredits],
    expired_only: bool = False,
) -> list[Code]:
    """End a batch of holds: charge a part, give the rest back; a charge of 0 releases. One code per item."""
    return await store.resolve(conn, transfer_ids, hold_ids, workspace_ids, charges, expired_only)


async def history(
    conn: Connection, workspace_id: WorkspaceId, *, before_seq: int | None = None, limit: int = 50
) -> list[TransferLine]:
    """Return the transfers of a workspace, newest first; `before_seq` continues a page."""
    return await store.history(conn, workspace_id, before_seq, limit)


async def transfer_ids_of_hold(conn: Connection, workspace_id: WorkspaceId, hold_id: TransferId) -> list[TransferId]:
    """Return the transfers that opened, extended and resolved a hold."""
    return await store.transfer_ids_of_hold(conn, workspace_id, hold_id)


async def seal(conn: Connection) -> Head:
    """Seal what was booked until now into the hash chain and return its head.

    The connection must not be in a transaction: the fence and each block are transactions of their own.
    """
    await store.fence(conn)
    sealed = 0
    while covered := await store.seal(conn):
        sealed += covered
    return await store.head(conn, sealed)


async def verify(conn: Connection) -> list[Finding]:
    """Check every invariant of the ledger; an empty list is the proof."""
    return await verification.findings(conn, verification.LEDGER_INVARIANTS)


async def note_check(conn: Connection, findings: Sequence[Finding]) -> None:
    """Keep the result of a full check for whoever asks whether the books are verified."""
    await check_store.add(conn, len(findings), findings[:MOST_NAMED])


async def standing(conn: Connection) -> Standing:
    """Return what the checks so far say about the books."""
    whole_at, broken_since = await check_store.whole_until(conn)
    return Standing(await check_store.newest(conn), whole_at, broken_since, await store.head(conn, 0))


async def behind(conn: Connection, transfers: int) -> list[WorkspaceId]:
    """Return the workspaces with at least so many transfers that are in no stored line yet."""
    return await line_store.workspaces_behind(conn, transfers)


async def store_lines(conn: Connection, workspace_id: WorkspaceId, most: int) -> int:
    """Store the statement lines of at most so many transfers more; returns the number of the last one covered."""
    return await line_store.store_lines(conn, workspace_id, most)


async def _lock(conn: Connection, workspace_id: WorkspaceId) -> Wallet:
    locked = await store.lock(conn, workspace_id)
    if locked is None:
        raise NotFound("There is no such workspace.")
    return locked


async def _correct(
    conn: Connection, workspace_id: WorkspaceId, transfer_id: TransferId, corrects: TransferId | None
) -> None:
    if corrects is not None and not await line_store.correct(conn, workspace_id, transfer_id, corrects):
        raise NotFound("The transfer to correct is not in this ledger.")


@dataclass(frozen=True, slots=True)
class _Named:
    """Everything of a posting but what it books."""

    transfer_id: TransferId
    workspace_id: WorkspaceId
    actor: str
    reason: str
    expires_at: datetime | None = None


async def _book(
    conn: Connection,
    named: _Named,
    kind: str,
    legs: Callable[[Wallet], Legs],
    *content: int | datetime | TransferId | None,
) -> Code:
    """Book one transfer on a locked wallet. `content` is what a replay must repeat."""
    posting = Posting(
        transfer_id=named.transfer_id,
        workspace_id=named.workspace_id,
        kind=kind,
        legs=legs(await _lock(conn, named.workspace_id)),
        fingerprint=chart.fingerprint(kind, named.workspace_id, *content),
        actor=named.actor,
        reason=named.reason,
        expires_at=named.expires_at,
    )
    (code,) = await store.transfer(conn, [posting])
    if code is Code.CONFLICT:
        raise Conflict("This id was already used for another booking.")
    if code is Code.INSUFFICIENT:
        raise _refusal(posting, await wallet(conn, posting.workspace_id))
    return code


def _refusal(posting: Posting, found: Wallet) -> OmnaError:
    """Return why a wallet does not have what a posting takes from it."""
    required = -sum(amount for account, amount in posting.legs if amount < 0)
    match posting.kind:
        case "refund_paid" | "refund_failed":
            return Conflict(f"Only {format_credits(found.refund_pending)} Credits are set aside for refunds.")
        case "debt_written_off":
            return InvalidValue(f"Only {format_credits(-found.debt)} Credits are owed.", param="amount")
    return InsufficientCredits(
        f"{format_credits(required)} Credits are needed; "
        f"{format_credits(found.available_paid)} paid Credits are available.",
        limit=Limit(
            name="balance",
            scope="account",
            unit="credits",
            limit=found.available_paid,
            used=0,
            required=required,
            remedy="Take less, or wait for running requests to end.",
        ),
    )


def _require_positive(amount: Nanocredits) -> None:
    if amount <= 0:
        raise InvalidValue("The amount must be more than zero Credits.", param="amount")
