"""What works at this moment, as everybody may know it: read anew for each look, never remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from omna.accounts import policy
from omna.accounts.desk import desk_of
from omna.accounts.policy import SignUpMode
from omna.announcements import service as announcements
from omna.announcements.service import Announcement
from omna.catalog.model import Model
from omna.clock import monotonic, now
from omna.config import Accounts
from omna.db.pool import Connection, borrow
from omna.errors import OmnaError
from omna.ids import ProviderId
from omna.risk import service as risk
from omna.risk import spending
from omna.risk.model import Stop
from omna.usage import quality
from omna.website.shelf import Goods, Shelf

#: Parts of the service, with the scope of a stop that ends each.
PARTS = {"api": "api", "chat": "chat", "recharges": "recharge", "sign_up": "signup"}
#: What costs a sum over many rows may be a little older than the rest.
_CAPS_SECONDS, _SHARE_SECONDS = 5.0, 60.0


@dataclass(frozen=True, slots=True)
class Standing:
    """reachable   whether the database answers; without it nothing new can be admitted
    stopped     models that nobody is answered by because of a stop
    resting     models that are paused for today, because what may be spent on them in a day or month is spent
    answered    share of the requests of the last day that did not fail; None: too few, or not known
    """

    checked_at: datetime
    reachable: bool
    stops: Sequence[Stop] = ()
    announcements: Sequence[Announcement] = ()
    stopped: Sequence[Model] = ()
    resting: Sequence[Model] = ()
    answered: float | None = None
    sign_up: SignUpMode = "open"

    def state(self, part: str) -> str:
        """Return how a part is: running, paused, or away with the database."""
        if not self.reachable:
            return "away"
        scopes = {stop.scope for stop in self.stops}
        return "paused" if scopes & {"all", PARTS[part]} else "running"

    @property
    def all_well(self) -> bool:
        return self.reachable and not self.stops and not self.resting


class Watch:
    """Looks at how the service stands."""

    def __init__(self, shelf: Shelf, settings: Accounts) -> None:
        self._shelf = shelf
        self._settings = settings
        self._resting: tuple[float, frozenset[str]] = (0.0, frozenset())
        self._answered: tuple[float, float | None] = (0.0, None)

    async def look(self, request: Request) -> Standing:
        goods = await self._shelf.look(request)
        try:
            async with borrow(desk_of(request).pool) as connection:
                stops = await risk.stops(connection)
                lines = await announcements.current(connection)
                mode = (await policy.effective(connection, self._settings)).sign_up
                resting = await self._spent(connection, goods)
                answered = await self._share(connection)
        except OmnaError:
            return Standing(now(), reachable=False)
        models = goods.models if goods else ()
        return Standing(
            checked_at=now(),
            reachable=True,
            stops=stops,
            announcements=lines,
            stopped=[model for model in models if goods is not None and _only_this(goods, model)],
            resting=[model for model in models if model.model_id in resting],
            answered=answered,
            sign_up=mode,
        )

    async def _spent(self, connection: Connection, goods: Goods | None) -> frozenset[str]:
        until, known = self._resting
        if monotonic() >= until:
            known = await _over_their_caps(connection, goods.models if goods else ())
            self._resting = (monotonic() + _CAPS_SECONDS, known)
        return known

    async def _share(self, connection: Connection) -> float | None:
        until, known = self._answered
        if monotonic() >= until:
            known = await quality.answered_last_day(connection)
            self._answered = (monotonic() + _SHARE_SECONDS, known)
        return known


def _only_this(goods: Goods, model: Model) -> bool:
    """Return whether a model is paused alone or with its providers: a stop of everything says enough by itself."""
    return goods.stopped.keys().isdisjoint(("all", "api")) and goods.paused(model)


async def _over_their_caps(connection: Connection, models: Sequence[Model]) -> frozenset[str]:
    """Return models whose cap, or the cap of each of their providers, is reached."""
    providers = {route.provider.provider_id: route.provider for model in models for route in model.routes}
    capped = [one for one in providers.values() if one.daily_cap is not None or one.monthly_cap is not None]
    full: set[ProviderId] = set()
    if capped:
        standings = await spending.standings(connection, capped)
        for one in capped:
            stands = standings[one.provider_id]
            if _reached(one.daily_cap, stands.day) or _reached(one.monthly_cap, stands.month):
                full.add(one.provider_id)
    costs: Mapping[str, tuple[int, int]] = {}
    if any(model.daily_cap is not None for model in models):
        costs = await risk.model_costs(connection)
    return frozenset(
        model.model_id
        for model in models
        if (model.daily_cap is not None and sum(costs.get(model.model_id, (0, 0))) >= model.daily_cap)
        or (model.routes and all(route.provider.provider_id in full for route in model.routes))
    )


def _reached(cap: int | None, spend: spending.Spend) -> bool:
    return cap is not None and spend.spent + spend.held >= cap
