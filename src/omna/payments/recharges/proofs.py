"""What a customer hands in for an order by hand: the proof of a payment, another one, the answer to a question."""

from dataclasses import dataclass
from datetime import date, timedelta

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue
from omna.ids import RechargeId, UploadId, UserId, WorkspaceId, show
from omna.mail.kinds import Kind
from omna.payments import steps
from omna.payments.recharges import letters, methods, store
from omna.payments.recharges.model import Recharge, State, check_note, check_payer_reference, describe
from omna.payments.recharges.quote import format_minor
from omna.payments.recharges.service import own, there
from omna.uploads import service as uploads

#: How far back a payment may have been made when it is handed in.
_OLDEST_PAYMENT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a customer hands in. upload_id: None keeps the file that is there."""

    payer_reference: str
    upload_id: UploadId | None = None
    paid_on: date | None = None
    note: str = ""


async def submit(
    connection: Connection,
    recharge_id: RechargeId,
    proof: Proof,
    *,
    workspace_id: WorkspaceId,
    user_id: UserId,
    actor: audit.Actor,
) -> Recharge:
    """Hand in the proof of a payment: for the first time, in place of another one, or as the answer to a question.

    Errors  NotFound, Conflict when the order is past that, InvalidValue, UploadRefused
    """
    recharge = own(await store.lock(connection, recharge_id), workspace_id)
    if recharge.channel != "manual":
        raise Conflict("This order is paid by automatic checkout; there is nothing to hand in.")
    if not recharge.may("submit"):
        raise Conflict(f"Nothing can be handed in any more: this order {describe(recharge)}.")
    words, normal = check_payer_reference(proof.payer_reference)
    note = check_note(proof.note)
    await _check_day(connection, proof.paid_on)
    if proof.upload_id is not None and proof.upload_id != recharge.proof_id:
        await _take_proof(connection, recharge, proof.upload_id)
    elif recharge.proof_id is None:
        raise InvalidValue("Add a picture or PDF that shows the payment.", param="upload_id")
    await store.set_submitted(
        connection,
        recharge_id,
        payer_reference=normal,
        payer_words=words,
        paid_on=proof.paid_on,
        note=note,
        by=user_id,
    )
    step = {State.AWAITING_PROOF: "submitted", State.NEEDS_INFORMATION: "answered"}
    await steps.add(connection, workspace_id, recharge_id, step.get(State(recharge.state), "replaced"), "customer")
    after = there(await store.get(connection, recharge_id))
    await audit.record(
        connection,
        actor,
        "recharge.submit",
        show("rch", recharge_id),
        before={"state": recharge.state, "proof": _proof(recharge)},
        after={
            "state": after.state,
            "proof": _proof(after),
            "payer_reference": words,
            "paid_on": None if proof.paid_on is None else proof.paid_on.isoformat(),
        },
    )
    if recharge.state != State.SUBMITTED:
        hours = 24 if recharge.method_id is None else (await methods.get(connection, recharge.method_id)).usual_hours
        await letters.tell_of(
            connection,
            after,
            Kind.RECHARGE_SUBMITTED,
            credits=after.credits,
            total=format_minor(after.total_minor, after.currency),
            hours=hours,
        )
    return after


async def _check_day(connection: Connection, paid_on: date | None) -> None:
    if paid_on is None:
        return
    today = (await store.moment(connection)).date()
    # A day ahead: it is tomorrow already somewhere.
    if not today - _OLDEST_PAYMENT <= paid_on <= today + timedelta(days=1):
        raise InvalidValue("The day of the payment is in the last twelve months.", param="paid_on")


async def _take_proof(connection: Connection, recharge: Recharge, upload_id: UploadId) -> None:
    upload = await uploads.claim(connection, upload_id, recharge.workspace_id)
    await store.set_proof(
        connection,
        recharge.recharge_id,
        upload.upload_id,
        upload.name,
        upload.media_type,
        upload.size,
        upload.sha256.hex(),
    )


def _proof(recharge: Recharge) -> str | None:
    return None if recharge.proof_id is None else show("upl", recharge.proof_id)
