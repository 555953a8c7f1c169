"""What admission and settlement are meant to do, in plain Python; the wallets are those of model.py."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from tests.property.model import Ledger


@dataclass
class Key:
    key_id: UUID
    workspace: UUID
    rpm: int | None
    limit: int | None
    period: str | None
    models: tuple[str, ...] | None
    most_running: int | None = None
    disabled: bool = False
    revoked: bool = False
    #: Made by the owner of its workspace, whose limit as a member it counts against.
    personal: bool = False
    admitted_at: list[datetime] = field(default_factory=list)


@dataclass
class Running:
    workspace: UUID
    key: bytes | None
    source: str
    model: str
    provider: str
    day: date
    amount: int
    provider_amount: int
    user: UUID | None = None


@dataclass
class Spend:
    """What a subject used on one day."""

    spent: int = 0
    held: int = 0

    @property
    def used(self) -> int:
        return self.spent + self.held


@dataclass(frozen=True)
class Demand:
    """One position of an admission batch. `digest` names a key; without one, Omna itself asks for a workspace, or for
    `user`, its owner, who chats there."""

    request: UUID
    transfer: UUID
    digest: bytes | None
    workspace: UUID | None
    source: str
    model: str
    provider: str
    amount: int
    provider_amount: int
    fresh: bool
    user: UUID | None = None

    @property
    def extends(self) -> bool:
        return self.transfer != self.request


class Requests:
    """Keys, limits, stops and running requests, on top of the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.keys: dict[bytes, Key] = {}
        self.stops: dict[str, bool] = {}
        self.frozen: set[UUID] = set()
        self.daily_limits: dict[UUID, int] = {}
        self.most_running: dict[UUID, int] = {}
        #: What the owner of a workspace may spend as a member, and in which period.
        self.member_limits: dict[UUID, tuple[int, str]] = {}
        self.model_caps: dict[str, int] = {}
        self.provider_caps: dict[str, int] = {}
        self.running: dict[UUID, Running] = {}
        #: (model, provider, charge, provider charge) of every finished request.
        self.finished: dict[UUID, tuple[str, str, int, int]] = {}
        self.workspace_spend: dict[tuple[UUID, date], Spend] = {}
        self.key_spend: dict[tuple[UUID, date], Spend] = {}
        self.people: dict[UUID, UUID] = {}
        #: Of people: each owns one workspace.
        self.chat_spend: dict[tuple[UUID, date], Spend] = {}
        # A model or provider is counted on the days for which it has an entry.
        self.model_cost: dict[tuple[str, date], Spend] = {}
        self.provider_cost: dict[tuple[str, date], Spend] = {}

    def admit(self, demands: Iterable[Demand], now: datetime) -> list[tuple[str, int | None]]:
        """Return a verdict per demand, and what the limit that refused it had left."""
        demands = list(demands)
        for demand in demands:
            if demand.model in self.model_caps:
                self.model_cost.setdefault((demand.model, now.date()), Spend())
            if demand.provider in self.provider_caps:
                self.provider_cost.setdefault((demand.provider, now.date()), Spend())
        return [self._admit(demand, now) for demand in demands]

    def settle(
        self, request: UUID, workspace: UUID, transfer: UUID, charge: int, provider_charge: int, now: datetime,
        *, expired_only: bool,
    ) -> str:  # fmt: skip
        code = self.ledger.resolve(workspace, transfer, request, charge, now.timestamp(), expired_only=expired_only)
        running = self.running.get(request)
        if code not in ("settled", "released", "expired") or running is None:
            return code
        del self.running[request]
        self.finished[request] = (running.model, running.provider, charge, provider_charge)
        for spend, held, spent in self._counted(running, charge, provider_charge):
            spend.held -= held
            spend.spent += spent
        return code

    def renew(self, request: UUID) -> str:
        running = self.running.get(request)
        if running is None:
            return "lost"
        self.ledger.wallets[running.workspace].holds[request].lease_over = False
        key = self.keys.get(running.key) if running.key is not None else None
        if any(cuts and self._concerns(scope, running) for scope, cuts in self.stops.items()):
            return "emergency_stop"
        if running.workspace in self.frozen:
            return "account_frozen"
        if key is not None and (key.disabled or key.revoked):
            return "key_disabled"
        return "running"

    def reroute(self, request: UUID, model: str, provider: str, provider_amount: int, today: date) -> str:
        running = self.running.get(request)
        if running is None:
            return "lost"
        if f"provider:{provider}" in self.stops or f"model:{model}" in self.stops:
            return "emergency_stop"
        key = self.keys.get(running.key) if running.key is not None else None
        if key is not None and key.models is not None and model not in key.models:
            return "model_not_allowed"
        for costs, caps, subject in (
            (self.model_cost, self.model_caps, model), (self.provider_cost, self.provider_caps, provider)
        ):  # fmt: skip
            if subject in caps and running.day == today:
                costs.setdefault((subject, today), Spend())
            counted = costs.get((subject, running.day))
            here = running.provider_amount if subject in (running.model, running.provider) else 0
            if subject in caps and counted is not None and counted.used - here + provider_amount > caps[subject]:
                return "model_cap" if costs is self.model_cost else "provider_cap"
        for spend, _, _ in self._counted_at_cost(running):
            spend.held -= running.provider_amount
        running.model, running.provider, running.provider_amount = model, provider, provider_amount
        for spend, _, _ in self._counted_at_cost(running):
            spend.held += provider_amount
        return "rerouted"

    def cap_model(self, model: str, cap: int | None, today: date) -> None:
        """Set a cap; today is counted from what was admitted today."""
        if cap is None:
            self.model_caps.pop(model, None)
            return
        self.model_caps[model] = cap
        self.model_cost[model, today] = Spend(
            sum(cost for name, _, _, cost in self.finished.values() if name == model),
            sum(r.provider_amount for r in self.running.values() if r.model == model and r.day == today),
        )

    def cap_provider(self, provider: str, cap: int | None, today: date) -> None:
        if cap is None:
            self.provider_caps.pop(provider, None)
            return
        self.provider_caps[provider] = cap
        self.provider_cost[provider, today] = Spend(
            sum(cost for _, name, _, cost in self.finished.values() if name == provider),
            sum(r.provider_amount for r in self.running.values() if r.provider == provider and r.day == today),
        )

    def a_day_passes(self) -> None:
        day = timedelta(days=1)
        for counted in (self.workspace_spend, self.key_spend, self.chat_spend, self.model_cost, self.provider_cost):
            earlier = {(subject, when - day): spend for (subject, when), spend in counted.items()}
            counted.clear()
            counted.update(earlier)
        for running in self.running.values():
            running.day -= day

    def a_minute_passes(self) -> None:
        for key in self.keys.values():
            key.admitted_at.clear()

    def _admit(self, demand: Demand, now: datetime) -> tuple[str, int | None]:
        key = self.keys.get(demand.digest) if demand.digest is not None else None
        workspace = key.workspace if key is not None else demand.workspace
        wallet = self.ledger.wallets.get(workspace) if workspace is not None else None
        running = self.running.get(demand.request)
        if wallet is not None and demand.transfer in wallet.transfers:
            return ("admitted" if running is not None else "resolved"), None
        stopped = [
            cuts for scope, cuts in self.stops.items()
            if scope in ("all", demand.source, f"model:{demand.model}", f"provider:{demand.provider}")
        ]  # fmt: skip
        if any(cuts or not demand.extends for cuts in stopped):
            return "emergency_stop", None
        if (demand.digest is not None and (key is None or key.revoked)) or wallet is None or workspace is None:
            return "invalid_api_key", None
        if demand.extends and running is None:
            return "resolved", None
        if key is not None and key.disabled:
            return "key_disabled", None
        if workspace in self.frozen:
            return "account_frozen", None
        if key is not None and key.models is not None and demand.model not in key.models:
            return "model_not_allowed", None
        if not demand.extends and not demand.fresh:
            return "stale_catalog", None
        if key is not None and key.rpm is not None and not demand.extends and self.rate(key, now) >= key.rpm:
            return "key_rpm", 0
        if not demand.extends:
            mine = sum(other.key == demand.digest for other in self.running.values()) if key is not None else 0
            if key is not None and key.most_running is not None and mine >= key.most_running:
                return "key_concurrency", key.most_running - mine
            all_of_it = sum(other.workspace == workspace for other in self.running.values())
            if workspace in self.most_running and all_of_it >= self.most_running[workspace]:
                return "workspace_concurrency", self.most_running[workspace] - all_of_it
        day = running.day if running is not None else now.date()
        if key is not None and key.limit is not None and key.period is not None:
            left = key.limit - self._window(key, day)
            if demand.amount > left:
                return "key_limit", left
        if (demand.user is not None or (key is not None and key.personal)) and workspace in self.member_limits:
            left = self._member_left(workspace, day)
            if demand.amount > left:
                return "member_limit", left
        if workspace in self.daily_limits:
            left = self.daily_limits[workspace] - self.workspace_spend.get((workspace, day), Spend()).used
            if demand.amount > left:
                return "workspace_limit", left
        available = wallet.available(now.timestamp())
        if wallet.debt < 0 or demand.amount > available:
            return "balance", available
        for verdict, caps, costs, subject in (
            ("model_cap", self.model_caps, self.model_cost, demand.model),
            ("provider_cap", self.provider_caps, self.provider_cost, demand.provider),
        ):
            if subject in caps:
                left = caps[subject] - costs.get((subject, day), Spend()).used
                if demand.provider_amount > left:
                    return verdict, left
        self._hold(demand, workspace, key, day, now)
        return "admitted", None

    def left(self, demand: Demand, now: datetime) -> tuple[int, int]:
        """Return the most a new request may hold, and the most it may hold at provider cost."""
        key = self.keys.get(demand.digest) if demand.digest is not None else None
        workspace = key.workspace if key is not None else demand.workspace
        assert workspace is not None
        most = [self.ledger.wallets[workspace].available(now.timestamp())]
        if key is not None and key.limit is not None:
            most.append(key.limit - self._window(key, now.date()))
        if (demand.user is not None or (key is not None and key.personal)) and workspace in self.member_limits:
            most.append(self._member_left(workspace, now.date()))
        if workspace in self.daily_limits:
            used = self.workspace_spend.get((workspace, now.date()), Spend()).used
            most.append(self.daily_limits[workspace] - used)
        costs = [1_000]
        if demand.model in self.model_caps:
            used = self.model_cost.get((demand.model, now.date()), Spend()).used
            costs.append(self.model_caps[demand.model] - used)
        if demand.provider in self.provider_caps:
            used = self.provider_cost.get((demand.provider, now.date()), Spend()).used
            costs.append(self.provider_caps[demand.provider] - used)
        return min(most), min(costs)

    def rate(self, key: Key, now: datetime) -> int:
        """Requests of the last 60 s: a second counts until 60 s after its latest one."""
        latest: dict[datetime, datetime] = {}
        for moment in key.admitted_at:
            latest[moment.replace(microsecond=0)] = moment
        ended = now - timedelta(seconds=60)
        return sum(latest[moment.replace(microsecond=0)] > ended for moment in key.admitted_at)

    def _hold(self, demand: Demand, workspace: UUID, key: Key | None, day: date, now: datetime) -> None:
        code = self.ledger.hold(workspace, demand.transfer, demand.request, demand.amount, now.timestamp())
        assert code == "held"
        running = self.running.setdefault(
            demand.request,
            Running(workspace, demand.digest, demand.source, demand.model, demand.provider, day, 0, 0, demand.user),
        )
        running.amount += demand.amount
        running.provider_amount += demand.provider_amount
        self.workspace_spend.setdefault((workspace, day), Spend())
        if key is not None:
            self.key_spend.setdefault((key.key_id, day), Spend())
            if key.rpm is not None and not demand.extends:
                key.admitted_at.append(now)
        if demand.user is not None:
            self.chat_spend.setdefault((demand.user, day), Spend())
            self.people[demand.user] = workspace
        counted = Running(
            workspace, demand.digest, demand.source, demand.model, demand.provider, day, demand.amount,
            demand.provider_amount, demand.user,
        )  # fmt: skip
        for spend, held, _ in self._counted(counted, 0, 0):
            spend.held += held

    def _counted(self, running: Running, charge: int, provider_charge: int) -> Iterable[tuple[Spend, int, int]]:
        """Yield each count a request is in, with what it holds there and what it is charged there."""
        yield self.workspace_spend[running.workspace, running.day], running.amount, charge
        if running.key is not None:
            yield self.key_spend[self.keys[running.key].key_id, running.day], running.amount, charge
        if running.user is not None:
            yield self.chat_spend[running.user, running.day], running.amount, charge
        yield from self._counted_at_cost(running, provider_charge)

    def _counted_at_cost(self, running: Running, provider_charge: int = 0) -> Iterable[tuple[Spend, int, int]]:
        for costs, subject in ((self.model_cost, running.model), (self.provider_cost, running.provider)):
            if (cost := costs.get((subject, running.day))) is not None:
                yield cost, running.provider_amount, provider_charge

    def _window(self, key: Key, day: date) -> int:
        return self._used([key.key_id], key.period or "day", day)

    def _member_left(self, workspace: UUID, day: date) -> int:
        limit, period = self.member_limits[workspace]
        theirs = [key.key_id for key in self.keys.values() if key.personal and key.workspace == workspace]
        chats = [user for user, place in self.people.items() if place == workspace]
        return limit - self._used(theirs, period, day) - self._used(chats, period, day, of=self.chat_spend)

    def _used(
        self, subjects: Iterable[UUID], period: str, day: date, *, of: dict[tuple[UUID, date], Spend] | None = None
    ) -> int:
        begin = {
            "day": day,
            "week": day - timedelta(days=day.weekday()),
            "month": day.replace(day=1),
            "total": date.min,
        }[period]
        counted = self.key_spend if of is None else of
        return sum(
            spend.used for (subject, when), spend in counted.items() if subject in subjects and begin <= when <= day
        )

    def _concerns(self, scope: str, running: Running) -> bool:
        return scope in ("all", running.source, f"model:{running.model}", f"provider:{running.provider}")
