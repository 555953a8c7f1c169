"""PURE: what a call still asks for after a refusal: somewhere else, or less."""

from collections.abc import Sequence

from omna.gateway import metering
from omna.gateway.model import Call, Target, Ticket, Verdict

#: Limits that a shorter answer may fit.
_SHRINKING = ("balance", "key_limit", "member_limit", "workspace_limit", "model_cap", "provider_cap")


class Bid:
    """A call on its way to a hold: where it may still go, and how long an answer it asks for.

    available  nanocredits a limit leaves, once one has refused more
    """

    def __init__(self, call: Call, targets: Sequence[Target]) -> None:
        self.call = call
        self.targets = targets
        self.available: int | None = None

    def narrow(self, verdict: Verdict) -> bool:
        """Leave out what was refused, if something else is left: a capped provider, a model, a dearer fallback."""
        first = self.targets[0]
        scope = str(verdict["note"]).partition(":")[0] if verdict["verdict"] == "emergency_stop" else None
        match verdict["verdict"], scope:
            case ("provider_cap", _) | ("emergency_stop", "provider"):
                provider = first.route.provider.provider_id
                left = [target for target in self.targets if target.route.provider.provider_id != provider]
            case ("model_cap" | "model_not_allowed", _) | ("emergency_stop", "model"):
                left = [target for target in self.targets if target.model.model_id != first.model.model_id]
            case (("balance" | "key_limit" | "member_limit" | "workspace_limit"), _):
                left = [target for target in self.targets if target.model.model_id == first.model.model_id]
            case _:
                return False
        if not left or len(left) == len(self.targets):
            return False
        self.targets = left
        return True

    def shrink(self, ticket: Ticket, verdict: Verdict) -> bool:
        """Ask for the answer a limit affords, if the client named no bound and it affords a token."""
        call = self.call
        if call.max_tokens is not None or verdict["verdict"] not in _SHRINKING:
            return False
        affordable = _affordable(ticket, verdict)
        if self.available is not None and affordable >= self.available:
            return False
        if output_affordable(call, self.targets[0], affordable) < call.choices:
            return False
        self.available = affordable
        return True


def output_affordable(call: Call, target: Target, available: int) -> int:
    """Return how many output tokens `available` nanocredits pay for at a target, after the prompt."""
    return metering.output_affordable(
        target.price, call.prompt_tokens, available, metering.classes_of(call, target.model), call.units
    )


def _affordable(ticket: Ticket, verdict: Verdict) -> int:
    """Return the nanocredits a limit leaves; a cap counts provider cost, which is scaled to the price held."""
    left = int(verdict["limit_amount"] - verdict["used"] - verdict["held"])
    if verdict["verdict"] in ("model_cap", "provider_cap") and ticket.provider_amount:
        left = left * ticket.amount // ticket.provider_amount
    return max(0, min(left, ticket.amount - 1))
