"""PURE: which other model a customer is told of, when the operator's cap stops the one they asked for."""

from collections.abc import Callable
from datetime import datetime

from omna.catalog.model import Model, Provider, Route, Snapshot
from omna.gateway import fitting
from omna.gateway.model import Call, Verdict

#: What a cap is of, and the caps: with another cap it is another subject.
_Subject = tuple[str, str, int | None, int | None]

#: Caps that are remembered; the oldest go first.
_MOST = 1_000


class Paused:
    """The caps that refused something lately, until they reset: memory of one process, for advice alone."""

    def __init__(self) -> None:
        self._until: dict[_Subject, datetime] = {}

    def note(self, verdict: Verdict, model: Model, route: Route) -> None:
        """Take notice of a refusal by a cap."""
        match verdict["verdict"]:
            case "provider_cap":
                subject = _of_provider(route.provider)
            case "model_cap":
                subject = _of_model(model)
            case _:
                return
        self._until[subject] = verdict["resets_at"]
        while len(self._until) > _MOST:
            del self._until[next(iter(self._until))]

    def _holds(self, subject: _Subject, now: datetime) -> bool:
        until = self._until.get(subject)
        return until is not None and until > now

    def alternative(
        self, call: Call, asked: Model, snapshot: Snapshot, now: datetime, is_open: Callable[[Route], bool]
    ) -> str | None:
        """Return the id of another model that could take the call now, the one whose price is nearest; None: none."""
        if asked.price is None:
            return None
        best: tuple[int, str] | None = None
        for model in snapshot.models.values():
            if model.model_id == asked.model_id or model.price is None or model.hidden:
                continue  # what stands in no list is named to nobody
            if self._holds(_of_model(model), now):
                continue
            if not any(
                not self._holds(_of_provider(route.provider), now) and not is_open(route) for route in model.routes
            ):
                continue
            if fitting.refusal(call, model) is not None:
                continue
            distance = abs(model.price.rates.completion - asked.price.rates.completion)
            if best is None or (distance, model.model_id) < best:
                best = (distance, model.model_id)
        return None if best is None else best[1]


def _of_provider(provider: Provider) -> _Subject:
    return "provider", provider.name, provider.daily_cap, provider.monthly_cap


def _of_model(model: Model) -> _Subject:
    return "model", model.model_id, model.daily_cap, None
