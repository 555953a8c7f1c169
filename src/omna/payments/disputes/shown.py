"""PURE  A dispute in words."""

from omna.ids import show
from omna.money import format_credits
from omna.payments.disputes.model import Dispute

_SENTENCES = {
    "warned": "The payer's bank has announced that this payment may be disputed. Nothing was taken back.",
    "inquiry": "The payer's bank asks about this payment. Nothing was taken back.",
    "closed": "This dispute is closed. Nothing was taken back.",
}


def sentence_of(dispute: Dispute) -> str:
    """Return what happened to a payment, and what follows from it."""
    taken = f"{format_credits(dispute.clawed)} Credits"
    match dispute.booked:
        case "opened":
            return (
                f"The payer's bank has taken this payment back, so {taken} were taken back here; what was spent of them"
                " is owed. If it was a mistake, ask your bank to withdraw the dispute and tell support."
            )
        case "won":
            return f"The money came back, and so did {taken}."
        case "lost":
            return f"The money stays with the payer's bank, so {taken} stay taken back."
        case "nothing":
            return _SENTENCES.get(dispute.state, "No money has moved for this dispute.")


def id_of(dispute: Dispute) -> str:
    """Return the public id."""
    return show("dsp", dispute.dispute_id)
