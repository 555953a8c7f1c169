"""What staff decide about an order: claim, approve, reject, ask, close as a duplicate.

Every act locks the order and looks at where it is: of two reviewers at once one decides, and the other is told what was
decided by whom. Credits and the state of the order are one transaction.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, Forbidden, InvalidValue
from omna.ids import RechargeId, UserId, show
from omna.ledger import chart
from omna.ledger import service as ledger
from omna.ledger.model import Account, Wallet
from omna.mail.kinds import Kind, when
from omna.money import LARGEST_AMOUNT, Nanocredits, format_credits
from omna.payments import steps
from omna.payments.recharges import letters, people_store, store
from omna.payments.recharges.crediting import Replayed, ensure_credited
from omna.payments.recharges.model import Recharge, State, describe, payment_by_hand
from omna.payments.recharges.quote import format_minor, parse_minor, share
from omna.payments.recharges.service import there
from omna.risk import four_eyes
from omna.risk.four_eyes import Judgement
from omna.risk.model import check_reason
from omna.workspaces import service as workspaces

#: How long an order stays in the hands of who claimed it; claiming again renews it.
LEASE = timedelta(minutes=10)
#: How long a customer has for an answer.
ANSWER_TIME = timedelta(days=7)
_LONGEST_MESSAGE = 1000


@dataclass(frozen=True, slots=True)
class Approved:
    """What became of an approval. booked: the Credits are there; else a second person has to approve, too."""

    recharge: Recharge
    booked: bool
    alone: bool
    audit_seq: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an approval would do."""

    recharge: Recharge
    wallet: Wallet
    legs: list[tuple[Account, int]]
    credits: int
    bonus: int
    judgement: Judgement


async def claim(connection: Connection, recharge_id: RechargeId, *, by: UserId, actor: audit.Actor) -> Recharge:
    """Take an order in hand for ten minutes, or keep it. Errors: NotFound; Conflict in somebody else's hands."""
    recharge = await _locked(connection, recharge_id, by)
    if not recharge.decidable:
        raise await _too_late(connection, recharge)
    await store.set_reviewer(connection, recharge_id, by, LEASE)
    if recharge.reviewer_id != by or not recharge.locked:
        await audit.record(connection, actor, "recharge.claim", show("rch", recharge_id))
    return there(await store.get(connection, recharge_id))


async def release(connection: Connection, recharge_id: RechargeId, *, by: UserId, actor: audit.Actor) -> Recharge:
    """Give an order back to the queue. Nothing happens when one does not have it. Errors: NotFound."""
    recharge = there(await store.lock(connection, recharge_id))
    if recharge.reviewer_id == by:
        await store.set_reviewer(connection, recharge_id, None, LEASE)
        await audit.record(connection, actor, "recharge.release", show("rch", recharge_id))
    return there(await store.get(connection, recharge_id))


async def preview(
    connection: Connection,
    recharge_id: RechargeId,
    typed: str,
    credits: Nanocredits | None,  # noqa: A002 - the word of the product
    *,
    by: UserId,
    actor: audit.Actor,
) -> Outlook:
    """Return what an approval would do now. Errors: those of approve()."""
    recharge = there(await store.get(connection, recharge_id))
    await _check_decidable(connection, recharge, by)
    _check_typed(recharge, typed)
    worth = _worth(recharge, credits)
    bonus = recharge.bonus if worth >= recharge.credits and recharge.credited_at is None else 0
    wallet = await ledger.wallet(connection, recharge.workspace_id)
    legs = list(chart.recharge(wallet, worth))
    if bonus:
        legs += chart.promo_grant(Nanocredits(bonus))
    judgement = await four_eyes.judge(connection, worth, actor.name)
    if recharge.first_approver not in (None, by):
        judgement = Judgement(second_person=False, alone=False)
    return Outlook(recharge, wallet, legs, worth, bonus, judgement)


async def approve(
    connection: Connection,
    recharge_id: RechargeId,
    typed: str,
    credits: Nanocredits | None,  # noqa: A002 - the word of the product
    *,
    reason: str,
    by: UserId,
    actor: audit.Actor,
) -> Approved:
    """Credit an order, or agree to it as the first of two.

    typed    the amount that arrived, as the reviewer reads it in the proof
    credits  what money that does not fit is worth; None is its share. Only for such an order
    Errors   NotFound; Conflict with who decided what; Forbidden for who bought; InvalidValue for another amount
    """
    reason = check_reason(reason)
    recharge = await _in_hand(connection, recharge_id, None, by)
    await _check_decidable(connection, recharge, by)
    _check_typed(recharge, typed)
    worth = _worth(recharge, credits)
    await four_eyes.lock(connection)
    judgement = await four_eyes.judge(connection, worth, actor.name)
    first = recharge.first_approver
    if first is None and judgement.second_person:
        return await _agree_first(connection, recharge, worth, reason, by, actor)
    if first == by and judgement.second_person:
        raise Conflict("You approved this first. A second, different person has to approve it, too.")
    if first not in (None, by) and recharge.first_credits != worth:
        raise Conflict(
            f"The first approval was over {format_credits(recharge.first_credits or 0)} Credits. Approve the same, or"
            " ask for another review.",
            param="credits",
        )
    seconded = first not in (None, by)
    await store.set_approver(connection, recharge_id, by)
    received = recharge.pending
    booked = await ensure_credited(
        connection,
        workspace_id=recharge.workspace_id,
        recharge_id=recharge_id,
        processor=recharge.processor or "manual",
        payment_id=payment_by_hand(recharge_id) if received is None else received.payment_id,
        amount_minor=recharge.total_minor if received is None else received.amount_minor,
        currency=recharge.currency if received is None else received.currency,
        credits=worth,
        fingerprint="" if received is None else received.fingerprint,
        actor=actor,
        step_actor="staff",
        reason=reason,
        facts={
            "without_second_person": judgement.alone and not seconded,
            four_eyes.SECOND: show("usr", first) if first is not None and seconded else None,
        },
    )
    if isinstance(booked, Replayed):
        raise Conflict("This payment was credited before.")
    return Approved(
        there(await store.get(connection, recharge_id)),
        booked=True,
        alone=judgement.alone and not seconded,
        audit_seq=booked.audit_seq,
    )


async def reject(
    connection: Connection, recharge_id: RechargeId, message: str, *, reason: str, by: UserId, actor: audit.Actor
) -> tuple[Recharge, int]:
    """Close an order without Credits; the customer reads `message`. Errors: NotFound, Conflict, InvalidValue.

    An order that was credited before stays so: only money that came beside that and does not fit is turned down.
    """
    message, reason = _checked_message(message, "message"), check_reason(reason)
    recharge = await _in_hand(connection, recharge_id, None, by)
    if recharge.pending is not None and recharge.credited_at is not None:
        await store.turn_down(connection, recharge_id)
        facts = {"message": message, "payment": recharge.pending.payment_id}
        return await _decided(connection, recharge, "recharge.turn_down", reason, facts, actor)
    if not recharge.may("decide"):
        raise await _too_late(connection, recharge)
    await store.set_decided(connection, recharge_id, State.REJECTED, message, None, by)
    await steps.add(connection, recharge.workspace_id, recharge_id, "rejected", "staff", message)
    await letters.tell_of(connection, recharge, Kind.RECHARGE_REJECTED, message=message)
    return await _decided(connection, recharge, "recharge.reject", reason, {"message": message}, actor)


async def ask(
    connection: Connection, recharge_id: RechargeId, question: str, *, reason: str, by: UserId, actor: audit.Actor
) -> tuple[Recharge, int]:
    """Ask the customer something; the order waits for the answer. Errors: NotFound, Conflict, InvalidValue."""
    question, reason = _checked_message(question, "question"), check_reason(reason)
    recharge = await _in_hand(connection, recharge_id, "ask", by)
    if recharge.channel != "manual":
        raise Conflict("A customer cannot answer here to what their payment service says. Write to them.")
    await store.set_asked(connection, recharge_id, question, ANSWER_TIME)
    await steps.add(connection, recharge.workspace_id, recharge_id, "question", "staff", question)
    await letters.tell_of(connection, recharge, Kind.RECHARGE_QUESTION, question=question)
    return await _decided(connection, recharge, "recharge.ask", reason, {"question": question}, actor)


async def duplicate(
    connection: Connection, recharge_id: RechargeId, of: RechargeId, *, reason: str, by: UserId, actor: audit.Actor
) -> tuple[Recharge, int]:
    """Close an order because its payment belongs to another one. Errors: NotFound, Conflict, InvalidValue."""
    reason = check_reason(reason)
    if of == recharge_id:
        raise InvalidValue("An order is no duplicate of itself.", param="of")
    recharge = await _in_hand(connection, recharge_id, "decide", by)
    original = await store.get(connection, of)
    if original is None:
        raise InvalidValue("There is no such order.", param="of")
    own = original.workspace_id == recharge.workspace_id
    await store.set_decided(connection, recharge_id, State.DUPLICATE, "", of, by)
    # To another workspace, that order does not exist.
    note = original.reference if own else ""
    await steps.add(connection, recharge.workspace_id, recharge_id, "duplicate", "staff", note)
    await letters.tell_of(connection, recharge, Kind.RECHARGE_DUPLICATE, other=note)
    return await _decided(connection, recharge, "recharge.duplicate", reason, {"of": show("rch", of)}, actor)


async def is_own(connection: Connection, recharge: Recharge, user_id: UserId) -> bool:
    """Return whether somebody has a part in an order: whoever made it, handed it in, or belongs to its workspace."""
    if user_id in (recharge.created_by, recharge.submitted_by):
        return True
    return await workspaces.belongs(connection, recharge.workspace_id, user_id)


async def _agree_first(
    connection: Connection, recharge: Recharge, worth: Nanocredits, reason: str, by: UserId, actor: audit.Actor
) -> Approved:
    await store.set_first_approver(connection, recharge.recharge_id, by, worth)
    await steps.add(connection, recharge.workspace_id, recharge.recharge_id, "first_approval", "staff")
    seq = await audit.record(
        connection,
        actor,
        "recharge.approve_first",
        show("rch", recharge.recharge_id),
        reason=reason,
        after={"credits": format_credits(worth)},
    )
    return Approved(there(await store.get(connection, recharge.recharge_id)), booked=False, alone=False, audit_seq=seq)


async def _decided(
    connection: Connection,
    recharge: Recharge,
    action: str,
    reason: str,
    facts: dict[str, Any],
    actor: audit.Actor,
) -> tuple[Recharge, int]:
    after = there(await store.get(connection, recharge.recharge_id))
    seq = await audit.record(
        connection,
        actor,
        action,
        show("rch", recharge.recharge_id),
        reason=reason,
        before={"state": recharge.state},
        after={"state": after.state, **facts},
    )
    return after, seq


async def _in_hand(connection: Connection, recharge_id: RechargeId, act: str | None, by: UserId) -> Recharge:
    """Lock an order that one has claimed. act: which must be possible. Errors: NotFound, Conflict.

    A claim ends when the customer hands in something else, so nobody decides about what they have not seen; its ten
    minutes do not, as long as nobody else comes.
    """
    recharge = await _locked(connection, recharge_id, by)
    if act is not None and not recharge.may(act):
        raise await _too_late(connection, recharge)
    if recharge.decidable and recharge.reviewer_id != by:
        raise Conflict(
            "Claim this order first. If you had, the customer has handed in something else meanwhile: look at it anew."
        )
    return recharge


async def _locked(connection: Connection, recharge_id: RechargeId, by: UserId) -> Recharge:
    """Lock an order that nobody else has in hand. Errors: NotFound, Conflict."""
    recharge = there(await store.lock(connection, recharge_id))
    if recharge.locked and recharge.reviewer_id not in (None, by):
        name = await _name(connection, recharge.reviewer_id)
        assert recharge.review_until is not None
        raise Conflict(f"In review by {name} until {when(recharge.review_until)}.", metadata={"reviewer": name})
    return recharge


async def _check_decidable(connection: Connection, recharge: Recharge, by: UserId) -> None:
    """Errors: Conflict when there is nothing to approve; Forbidden for who belongs to the workspace."""
    if not recharge.decidable:
        raise await _too_late(connection, recharge)
    if await is_own(connection, recharge, by):
        raise Forbidden("You made this order, or belong to its workspace: somebody else has to decide about it.")


async def _too_late(connection: Connection, recharge: Recharge) -> Conflict:
    name = await _name(connection, recharge.decided_by)
    by = f" by {name}" if name else ""
    at = f" on {when(recharge.decided_at)}" if recharge.decided_at else ""
    return Conflict(
        f"This order {describe(recharge)}{by}{at}.",
        metadata={"state": recharge.state, "decided_by": name or None},
    )


async def _name(connection: Connection, user_id: UserId | None) -> str:
    if user_id is None:
        return ""
    people = await people_store.people(connection, [user_id])
    return people[user_id][0] if user_id in people else "somebody"


def _check_typed(recharge: Recharge, typed: str) -> None:
    received = recharge.pending
    expected = recharge.total_minor if received is None else received.amount_minor
    currency = recharge.currency if received is None else received.currency
    minor = parse_minor(typed, currency, "amount_minor_typed")
    if minor != expected:
        raise InvalidValue(
            f"You typed {format_minor(minor, currency)}, and it is {format_minor(expected, currency)}. Look at the"
            " proof again; if another amount arrived, ask or reject.",
            param="amount_minor_typed",
        )


def _worth(recharge: Recharge, credits: Nanocredits | None) -> Nanocredits:  # noqa: A002
    """Return what an approval books. Errors: InvalidValue."""
    received = recharge.pending
    if received is None:
        if credits not in (None, recharge.credits):
            raise InvalidValue("The Credits of this order are those that were bought.", param="credits")
        return Nanocredits(recharge.credits)
    if credits is not None:
        if not 0 < credits <= LARGEST_AMOUNT:
            raise InvalidValue("Credits are more than 0.", param="credits")
        return credits
    if received.currency != recharge.currency:
        raise InvalidValue("This money is in another currency: say how many Credits it is worth.", param="credits")
    worth = share(recharge.credits, received.amount_minor, recharge.total_minor)
    if worth <= 0:
        raise InvalidValue("This money is worth no Credits. Reject it, or say how many.", param="credits")
    return worth


def _checked_message(text: str, name: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= _LONGEST_MESSAGE:
        raise InvalidValue(f"Write to the customer, in at most {_LONGEST_MESSAGE} characters.", param=name)
    return text
