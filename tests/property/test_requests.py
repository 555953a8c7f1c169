"""Admission, extension, rerouting and settlement against their model: every verdict and every count, after every step.

What stays true after each step: every invariant of ledger/verify.sql and gateway/verify.sql, and wallets, running
requests, spend and counted costs equal to the model's.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import omna.gateway
from omna.accounts import service as accounts
from omna.audit.service import Actor
from omna.catalog import service as catalog
from omna.catalog.model import rates
from omna.config import Risk
from omna.db.embedded import EmbeddedServer
from omna.http.principal import RIGHTS, Member, Role
from omna.ids import KeyId, TransferId, UserId, WorkspaceId, new_id
from omna.keys import model as key_model
from omna.keys import service as keys
from omna.ledger import service as ledger
from omna.ledger.verification import LEDGER_INVARIANTS, findings, read_invariants
from omna.money import Nanocredits
from omna.risk import service as risk
from omna.vault.keyring import Keyring, Purpose
from omna.workspaces import members
from omna.workspaces import service as workspaces
from omna.workspaces.members import SpendLimit
from tests.harness import depth
from tests.property.engine import Engine
from tests.property.model import Ledger, Wallet
from tests.property.requests_model import Demand, Key, Requests, Spend

EXAMPLES, STEPS = depth.of(28, 45), 50
#: Some examples end early when their data is used up; at least so many steps must have run.
FEWEST_STEPS = depth.of(600, 1_000)

INVARIANTS = LEDGER_INVARIANTS + read_invariants(Path(omna.gateway.__file__).with_name("verify.sql"))
MODELS, PROVIDERS = ("small", "large"), ("one", "two")
SCOPES = ("all", "api", "chat", *(f"model:{name}" for name in MODELS), *(f"provider:{name}" for name in PROVIDERS))
REFUSALS_WITH_NUMBERS = (
    "key_rpm",
    "key_concurrency",
    "workspace_concurrency",
    "key_limit",
    "member_limit",
    "workspace_limit",
    "balance",
    "model_cap",
    "provider_cap",
)
LEASE = timedelta(hours=1)
PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

ADMIT = """SELECT verdict, limit_amount, used, held, decided_at
           FROM gateway_admit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                              $19)
           ORDER BY ord"""
SETTLE = "SELECT code FROM gateway_settle($1, $2, $3, $4, $5, $6::text[]::json[], $7) ORDER BY ord"

places = st.integers(0, 1_000)
limits = st.one_of(st.none(), st.integers(0, 200))
#: A position of a batch: who asks, for which model at which provider, how much, at what cost, priced anew or not.
demands = st.lists(
    st.tuples(places, st.sampled_from(MODELS), st.sampled_from(PROVIDERS), st.integers(0, 40), st.integers(0, 40),
              st.sampled_from([True] * 9 + [False])),
    min_size=1, max_size=6,
)  # fmt: skip


class Admissions:
    """A batch for gateway_admit(). `stale` sends a version of the catalogue that is not in force any more."""

    def __init__(self, machine: "RequestsMachine", batch: Sequence[Demand], *, announced: bool) -> None:
        self.machine = machine
        self.batch = batch
        # A snapshot stops being true when the version changes, or when the next announced price begins.
        self.until = PAST if announced else FUTURE

    async def run(self, connection: asyncpg.Connection) -> list[asyncpg.Record]:
        machine, batch = self.machine, self.batch
        version = await connection.fetchval("SELECT version FROM catalog_state")
        return await connection.fetch(
            ADMIT,
            machine.process,
            LEASE,
            [d.request for d in batch],
            [d.transfer for d in batch],
            [d.digest for d in batch],
            [d.workspace for d in batch],
            [d.source for d in batch],
            [d.model for d in batch],
            [machine.providers[d.provider] for d in batch],
            [d.provider for d in batch],
            [machine.process for _ in batch],
            [machine.process for _ in batch],
            [d.amount for d in batch],
            [d.provider_amount for d in batch],
            [version if d.fresh or self.until == PAST else version - 1 for d in batch],
            [FUTURE if d.fresh else self.until for d in batch],
            [1 for _ in batch],
            [True for _ in batch],
            [d.user for d in batch],
        )

    def send(self) -> None:
        rows = self.machine.engine.call(self.run)
        expected = self.machine.model.admit(self.batch, rows[0]["decided_at"])
        assert [(row["verdict"], _left(row)) for row in rows] == expected

    def lose_and_send(self, turns: int) -> None:
        self.machine.engine.lose(self.run, turns)
        rows = self.machine.engine.call(self.run)
        expected = self.machine.model.admit(self.batch, rows[0]["decided_at"])
        # What the lost call refused is decided again behind what it admitted; what it admitted stands.
        assert [row["verdict"] == "admitted" for row in rows] == [verdict == "admitted" for verdict, _ in expected]


class Settlements:
    """A batch of (request, workspace, transfer, charge, provider charge) for gateway_settle()."""

    def __init__(
        self, machine: "RequestsMachine", batch: Sequence[tuple[UUID, UUID, UUID, int, int]], *, expired_only: bool
    ) -> None:
        self.machine = machine
        self.batch = batch
        self.expired_only = expired_only

    async def run(self, connection: asyncpg.Connection) -> list[str]:
        rows = await connection.fetch(
            SETTLE, *map(list, zip(*self.batch, strict=True)), [USAGE] * len(self.batch), self.expired_only
        )
        return [row["code"] for row in rows]

    def send(self) -> None:
        codes = self.machine.engine.call(self.run)
        now = datetime.now(UTC)
        settle = self.machine.model.settle
        assert codes == [settle(*item, now, expired_only=self.expired_only) for item in self.batch]

    def lose_and_send(self, turns: int) -> None:
        self.machine.engine.lose(self.run, turns)
        self.send()


class Deposit:
    """A recharge, or a promo grant that expires in so many hours."""

    def __init__(self, machine: "RequestsMachine", workspace: UUID, amount: int, hours: int | None, *, promo: bool):
        self.machine, self.workspace, self.amount, self.promo = machine, workspace, amount, promo
        self.transfer = new_id()
        self.expires_at = None if hours is None else datetime.now(UTC) + timedelta(hours=hours)

    async def run(self, connection: asyncpg.Connection) -> str:
        named: dict[str, Any] = {
            "transfer_id": TransferId(self.transfer), "workspace_id": WorkspaceId(self.workspace),
            "amount": Nanocredits(self.amount), "actor": "test", "reason": "property",
        }  # fmt: skip
        async with connection.transaction():
            if self.promo:
                return await ledger.grant_promo(connection, expires_at=self.expires_at, **named)
            return await ledger.recharge(connection, **named)

    def send(self) -> None:
        code = self.machine.engine.call(self.run)
        wallets = self.machine.model.ledger
        if self.promo:
            expires_at = float("inf") if self.expires_at is None else self.expires_at.timestamp()
            assert code == wallets.grant(self.workspace, self.transfer, self.amount, expires_at)
        else:
            assert code == wallets.recharge(self.workspace, self.transfer, self.amount)


class RequestsMachine(RuleBasedStateMachine):
    """Two workspaces, two models, two providers, a few keys; every command that was sent can be sent again."""

    steps = 0

    def __init__(self, server: EmbeddedServer) -> None:
        super().__init__()
        self.engine = Engine(server)
        self.model = Requests(Ledger())
        self.keyring = Keyring.from_text(secrets.token_hex(32))
        self.actor = Actor("cli:tester", "test", self.keyring.derive(Purpose.AUDIT_CHAIN))
        self.process = new_id()
        self.stranger = new_id()
        self.providers: dict[str, UUID] = {}
        self.owners: dict[UUID, UserId] = {}
        self.every_request: list[tuple[UUID, UUID, Demand]] = []
        self.sent: list[Admissions | Settlements | Deposit] = []

    # An empty shop refuses everything in the same way: it opens with Credits, and a key for each workspace.
    @initialize(
        funds=st.lists(st.integers(1, 400), min_size=2, max_size=2),
        rpm=st.sampled_from([None, None, 2, 6]),
        limit=st.integers(0, 200),
    )
    def open_shop(self, funds: list[int], rpm: int | None, limit: int) -> None:
        async def run(connection: asyncpg.Connection) -> list[UUID]:
            for name in PROVIDERS:
                provider = await catalog.add_provider(
                    connection, name, kind="openai", base_url=f"https://{name}.example.com/v1", secret=None,
                    allow_private=False, keyring=self.keyring, actor=self.actor,
                )  # fmt: skip
                self.providers[name] = provider.provider_id
                for model in MODELS:
                    await catalog.add_model(
                        connection, model, provider=name, upstream_model=model, prices=rates(1, 1), costs=rates(1, 1),
                        actor=self.actor,
                    )  # fmt: skip
            made = []
            for name in ("ann", "bob"):
                user = await accounts.create_user(connection, f"{name}@example.com", actor=self.actor, name=name)
                workspace = await workspaces.create_personal(
                    connection, user.user_id, name, risk=Risk(), actor=self.actor
                )
                made.append(workspace.workspace_id)
                self.owners[workspace.workspace_id] = user.user_id
            return made

        for workspace in self.engine.transact(run):
            self.model.ledger.wallets[workspace] = Wallet()
        for wallet, amount in enumerate(funds):
            self.recharge(wallet, amount)
            self.issue_key(wallet, rpm, limit if wallet else None, "day", None)

    @property
    def workspaces(self) -> list[UUID]:
        return list(self.model.ledger.wallets)

    def send(self, command: Admissions | Settlements | Deposit) -> None:
        command.send()
        self.sent.append(command)

    # Customers

    @rule(wallet=st.integers(0, 1), amount=st.integers(1, 120))
    def recharge(self, wallet: int, amount: int) -> None:
        self.send(Deposit(self, self.workspaces[wallet], amount, None, promo=False))

    @rule(wallet=st.integers(0, 1), amount=st.integers(1, 60), hours=st.sampled_from([None, 2, 3, -2]))
    def grant(self, wallet: int, amount: int, hours: int | None) -> None:
        self.send(Deposit(self, self.workspaces[wallet], amount, hours, promo=True))

    @precondition(lambda self: len(self.model.keys) < 4)
    @rule(
        wallet=st.integers(0, 1),
        rpm=st.sampled_from([None, None, 1, 3]),
        limit=limits,
        period=st.sampled_from(key_model.PERIODS),
        models=st.sampled_from([None, None, ("small",)]),
        most_running=st.sampled_from([None, None, 2, 5]),
        personal=st.booleans(),
    )
    def issue_key(
        self, wallet: int, rpm: int | None, limit: int | None, period: str, models: tuple[str, ...] | None,
        most_running: int | None = None, personal: bool = True,
    ) -> None:  # fmt: skip
        workspace = self.workspaces[wallet]
        named = None if limit is None else period
        key, text = self.engine.transact(lambda c: keys.issue(
            c, WorkspaceId(workspace), "key", actor=self.actor, rpm=rpm, spend_limit=limit, spend_period=named,
            allowed_models=models, max_running=most_running, created_by=self.owners[workspace] if personal else None,
        ))  # fmt: skip
        self.model.keys[key_model.digest(text)] = Key(
            key.key_id, workspace, rpm, limit, named, models, most_running, personal=personal
        )

    @rule(wallet=st.integers(0, 1), limit=limits, period=st.sampled_from(("day", "week", "month")))
    def limit_member(self, wallet: int, limit: int | None, period: str) -> None:
        workspace = WorkspaceId(self.workspaces[wallet])
        owner = self.owners[workspace]
        by = Member(workspace, owner, Role.OWNER, RIGHTS[Role.OWNER], None, None, "test")
        bound = None if limit is None else SpendLimit(limit, period)
        self.engine.transact(lambda c: members.limit_spend(c, owner, bound, by=by, actor=self.actor))
        self.model.member_limits.pop(workspace, None)
        if limit is not None:
            self.model.member_limits[workspace] = (limit, period)

    @rule(wallet=st.integers(0, 1), most=st.sampled_from([None, None, 1, 4]))
    def limit_running(self, wallet: int, most: int | None) -> None:
        workspace = WorkspaceId(self.workspaces[wallet])
        self.engine.transact(lambda c: risk.limit_running(c, workspace, most, actor=self.actor))
        self.model.most_running.pop(workspace, None)
        if most is not None:
            self.model.most_running[workspace] = most

    @rule(batch=demands, announced=st.booleans())
    def admit(self, batch: list[tuple[int, str, str, int, int, bool]], announced: bool) -> None:
        self.send(Admissions(self, self._new_requests(batch), announced=announced))

    @rule(batch=demands, shares=st.lists(st.tuples(st.sampled_from(["none", "part", "all"]), places), max_size=4))
    def serve(self, batch: list[tuple[int, str, str, int, int, bool]], shares: list[tuple[str, int]]) -> None:
        """Admit a batch and settle some of it: the ordinary life of requests."""
        first = len(self.every_request)
        self.admit(batch, announced=False)
        served = list(zip(range(first, len(self.every_request)), shares, strict=False))
        if served:
            self.settle([(place, share, part) for place, (share, part) in served], expired_only=False)

    @rule(batch=demands, turns=st.integers(0, 8))
    def admit_and_lose_the_answer(self, batch: list[tuple[int, str, str, int, int, bool]], turns: int) -> None:
        command = Admissions(self, self._new_requests(batch), announced=False)
        command.lose_and_send(turns)
        self.sent.append(command)

    @rule(
        place=st.integers(0, 900),
        more=st.integers(0, 1),
        extra=st.integers(0, 1),
        room=st.one_of(st.none(), st.integers(0, 20)),
    )
    def admit_at_the_edge(self, place: int, more: int, extra: int, room: int | None) -> None:
        """Ask for exactly what the limits leave, or for one more."""
        (probe,) = self._new_requests([(place, "small", "one", 0, 0, True)])
        if room is not None:
            owner = self.every_request[-1][1]
            used = self.model.workspace_spend.get((owner, datetime.now(UTC).date()), Spend()).used
            self.limit_daily(self.workspaces.index(owner), used + room)
        left, provider_left = self.model.left(probe, datetime.now(UTC))
        demand = replace(probe, amount=max(0, left + more), provider_amount=max(0, provider_left + extra))
        self.send(Admissions(self, [demand], announced=False))

    @precondition(lambda self: self.every_request)
    @rule(chosen=st.lists(st.tuples(places, st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=4))
    def extend(self, chosen: list[tuple[int, int, int]]) -> None:
        batch: dict[UUID, Demand] = {}
        for place, amount, provider_amount in chosen:
            request, _, first = self.every_request[place % len(self.every_request)]
            running = self.model.running.get(request)
            here = running or first
            # A stream waits for its extension, so a batch never carries two of one request.
            batch.setdefault(request, Demand(
                request, new_id(), first.digest, first.workspace, first.source, here.model, here.provider, amount,
                provider_amount, True, first.user,
            ))  # fmt: skip
        self.send(Admissions(self, list(batch.values()), announced=False))

    @precondition(lambda self: self.every_request)
    @rule(
        chosen=st.lists(
            st.tuples(places, st.sampled_from(["none", "part", "all", "more"]), places), min_size=1, max_size=6
        ),
        expired_only=st.sampled_from([False, False, True]),
    )
    def settle(self, chosen: list[tuple[int, str, int]], expired_only: bool) -> None:
        self.send(Settlements(self, self._endings(chosen), expired_only=expired_only))

    @precondition(lambda self: self.every_request)
    @rule(place=places, part=places, turns=st.integers(0, 8))
    def settle_and_lose_the_answer(self, place: int, part: int, turns: int) -> None:
        command = Settlements(self, self._endings([(place, "part", part)]), expired_only=False)
        command.lose_and_send(turns)
        self.sent.append(command)

    @precondition(lambda self: self.every_request)
    @rule(place=places, moves=st.sampled_from(["model", "provider", "both"]), provider_amount=st.integers(0, 40))
    def reroute(self, place: int, moves: str, provider_amount: int) -> None:
        request, workspace, first = self.every_request[place % len(self.every_request)]
        running = self.model.running.get(request)
        today = datetime.now(UTC).date()
        model, provider = (running or first).model, (running or first).provider
        if moves != "provider":
            model = next(name for name in MODELS if name != model)
        if moves != "model":
            provider = next(name for name in PROVIDERS if name != provider)
        (row,) = self.engine.rows(
            "SELECT gateway_reroute($1, $2, $3, $4, $5, $6, $7) AS code",
            request, workspace, model, self.process, self.providers[provider], self.process, provider_amount,
        )  # fmt: skip
        assert row["code"] == self.model.reroute(request, model, provider, provider_amount, today)

    @precondition(lambda self: self.every_request)
    @rule(chosen=st.lists(places, min_size=1, max_size=4))
    def renew(self, chosen: list[int]) -> None:
        named = {request: w for request, w, _ in (self.every_request[p % len(self.every_request)] for p in chosen)}
        rows = self.engine.rows(
            "SELECT state FROM gateway_renew($1, $2, $3, $4, $5) ORDER BY ord",
            list(named), list(named.values()), [1] * len(named), [1] * len(named), LEASE,
        )  # fmt: skip
        assert [row["state"] for row in rows] == [self.model.renew(request) for request in named]

    @precondition(lambda self: self.sent)
    @rule(place=places)
    def replay(self, place: int) -> None:
        """Any earlier command again: what was done stays done."""
        self.sent[place % len(self.sent)].send()

    # Operators

    @rule(scope=st.sampled_from(SCOPES), cuts=st.booleans())
    def stop_or_resume(self, scope: str, cuts: bool) -> None:
        # One at a time, in turns: a shop that is stopped for good refuses everything in the same way.
        if self.model.stops:
            for old in list(self.model.stops):
                self.engine.transact(lambda c, s=old: risk.resume(c, s, reason="test", actor=self.actor))
            self.model.stops.clear()
        else:
            self.engine.transact(lambda c: risk.stop(c, scope, cut_streams=cuts, reason="test", actor=self.actor))
            self.model.stops[scope] = cuts

    @rule(wallet=st.integers(0, 1))
    def freeze_or_unfreeze(self, wallet: int) -> None:
        workspace = WorkspaceId(self.workspaces[wallet])
        act = risk.unfreeze if workspace in self.model.frozen else risk.freeze
        self.engine.transact(lambda c: act(c, workspace, reason="test", actor=self.actor))
        self.model.frozen ^= {workspace}

    @rule(wallet=st.integers(0, 1), limit=limits)
    def limit_daily(self, wallet: int, limit: int | None) -> None:
        workspace = WorkspaceId(self.workspaces[wallet])
        amount = None if limit is None else Nanocredits(limit)
        self.engine.transact(lambda c: risk.limit_daily(c, workspace, amount, actor=self.actor))
        if limit is None:
            self.model.daily_limits.pop(workspace, None)
        else:
            self.model.daily_limits[workspace] = limit

    @rule(name=st.sampled_from(MODELS), cap=limits)
    def cap_model(self, name: str, cap: int | None) -> None:
        amount = None if cap is None else Nanocredits(cap)
        self.engine.transact(lambda c: risk.cap_model(c, name, amount, actor=self.actor))
        self.model.cap_model(name, cap, datetime.now(UTC).date())

    @rule(name=st.sampled_from(PROVIDERS), cap=limits)
    def cap_provider(self, name: str, cap: int | None) -> None:
        amount = None if cap is None else Nanocredits(cap)
        self.engine.transact(lambda c: risk.cap_provider(c, name, amount, actor=self.actor))
        self.model.cap_provider(name, cap, datetime.now(UTC).date())

    @precondition(lambda self: self.model.keys)
    @rule(place=places, act=st.sampled_from(["disable", "enable", "enable", "revoke"]))
    def switch_key(self, place: int, act: str) -> None:
        key = list(self.model.keys.values())[place % len(self.model.keys)]
        do = {"disable": keys.disable, "enable": keys.enable, "revoke": keys.revoke}[act]
        self.engine.transact(
            lambda c: do(c, WorkspaceId(key.workspace), KeyId(key.key_id), reason="test", actor=self.actor)
        )
        key.disabled = act == "disable" or (key.disabled and act == "revoke")
        key.revoked = key.revoked or act == "revoke"

    @rule(name=st.sampled_from(MODELS), price=st.integers(1, 50))
    def change_price(self, name: str, price: int) -> None:
        before = self.engine.rows("SELECT version FROM catalog_state")[0]["version"]
        self.engine.transact(lambda c: catalog.price_model(c, name, rates(price, price), actor=self.actor))
        assert self.engine.rows("SELECT version FROM catalog_state")[0]["version"] > before

    # Time

    @precondition(lambda self: self.model.running)
    @rule(place=places)
    def a_lease_ends(self, place: int) -> None:
        request = list(self.model.running)[place % len(self.model.running)]
        self.engine.let_pass(
            "UPDATE holds SET lease_until = clock_timestamp() - interval '1 s' WHERE hold_id = $1", request
        )
        self.model.ledger.wallets[self.model.running[request].workspace].holds[request].lease_over = True

    @precondition(lambda self: any(wallet.grants for wallet in self.model.ledger.wallets.values()))
    @rule(place=places)
    def a_grant_expires(self, place: int) -> None:
        grants = [grant for wallet in self.model.ledger.wallets.values() for grant in wallet.grants.values()]
        grant = grants[place % len(grants)]
        if grant.expires_at > time.time():
            moment = datetime.now(UTC) - timedelta(seconds=1)
            grant.expires_at = moment.timestamp()
            self.engine.let_pass("UPDATE promo_grants SET expires_at = $2 WHERE grant_id = $1", grant.grant_id, moment)

    @rule()
    def sweep(self) -> None:
        swept = self.engine.call(lambda c: c.fetchval("SELECT ledger_expire_promos(1000)"))
        assert swept == self.model.ledger.sweep(time.time())

    # A request may run into the next day, and never into the one after it.
    @precondition(lambda self: all(r.day == datetime.now(UTC).date() for r in self.model.running.values()))
    @rule()
    def a_day_passes(self) -> None:
        for table in ("workspace_spend", "key_spend", "chat_spend", "model_cost", "provider_cost", "running_requests"):
            # In two strides: a single step would meet the row of the day before.
            for stride in (-10_000, 9_999):
                self.engine.let_pass(f"UPDATE {table} SET day = day + {stride}")
        self.model.a_day_passes()

    @rule()
    def a_minute_passes(self) -> None:
        self.engine.let_pass(
            "UPDATE key_rates SET latest = (SELECT array_agg(l - interval '61 s' ORDER BY l) FROM unnest(latest) AS l)"
        )
        self.model.a_minute_passes()

    @invariant()
    def every_invariant_holds(self) -> None:
        type(self).steps += 1
        assert self.engine.call(lambda connection: findings(connection, INVARIANTS)) == []

    @invariant()
    def engine_and_model_agree(self) -> None:
        model, engine = self.model, self.engine
        assert engine.wallets() == {w: wallet.balances() for w, wallet in model.ledger.wallets.items()}
        assert engine.grants() == {
            g.grant_id: g.remaining for wallet in model.ledger.wallets.values() for g in wallet.grants.values()
        }
        assert engine.platform() == {account: total for account, total in model.ledger.platform.items() if total}
        running = engine.rows("SELECT request_id, provider_id, day, amount, provider_amount FROM running_requests")
        assert {row["request_id"]: tuple(row.values())[1:] for row in running} == {
            request: (self.providers[r.provider], r.day, r.amount, r.provider_amount)
            for request, r in model.running.items()
        }
        for table, subject, counted in (
            ("workspace_spend", "workspace_id", model.workspace_spend),
            ("key_spend", "key_id", model.key_spend),
            ("chat_spend", "user_id", model.chat_spend),
            ("model_cost", "model_id", model.model_cost),
            ("provider_cost", "provider_id", {(self.providers[p], d): s for (p, d), s in model.provider_cost.items()}),
        ):
            rows = engine.rows(f"SELECT {subject}, day, spent, held FROM {table}")
            assert {(row[0], row[1]): (row[2], row[3]) for row in rows} == {
                place: (spend.spent, spend.held) for place, spend in counted.items()
            }, table

    def teardown(self) -> None:
        self.engine.close()

    def _new_requests(self, batch: list[tuple[int, str, str, int, int, bool]]) -> list[Demand]:
        made = []
        callers: list[tuple[bytes | None, UUID | None, UserId | None]] = [
            *((digest, None, None) for digest in self.model.keys),
            *((None, workspace, owner) for workspace in self.workspaces for owner in (None, self.owners[workspace])),
        ]
        strangers: list[tuple[bytes | None, UUID | None, UserId | None]] = [
            (None, self.stranger, None),
            (secrets.token_bytes(32), None, None),
        ]
        for place, model, provider, amount, provider_amount, fresh in batch:
            choice = strangers if place >= 950 else callers
            digest, workspace, user = choice[place % len(choice)]
            request = new_id()
            source = "chat" if digest is None else "api"
            demand = Demand(
                request, request, digest, workspace, source, model, provider, amount, provider_amount, fresh, user
            )
            made.append(demand)
            owner = self.model.keys[digest].workspace if digest in self.model.keys else workspace
            if owner is not None:
                self.every_request.append((request, owner, demand))
        return made

    def _endings(self, chosen: list[tuple[int, str, int]]) -> list[tuple[UUID, UUID, UUID, int, int]]:
        batch: dict[UUID, tuple[UUID, UUID, UUID, int, int]] = {}
        for place, share, part in chosen:
            request, workspace, _ = self.every_request[place % len(self.every_request)]
            running = self.model.running.get(request)
            held = running.amount if running is not None else 10
            charge = {"none": 0, "part": part % (held + 1), "all": held, "more": held + 1}[share]
            cost = part % (running.provider_amount + 1) if running is not None else 0
            batch.setdefault(request, (request, workspace, new_id(), charge, cost))
        return list(batch.values())


USAGE = msgspec.json.encode(
    {
        "unrounded": "0", "prompt_tokens": 1, "completion_tokens": 1, "cached_tokens": 0, "cache_write_tokens": 0,
        "reasoning_tokens": 0, "first_delta_ms": None, "duration_ms": 1, "outcome": "completed", "estimated": False,
        "finish_reason": "stop", "native_finish_reason": None, "error_code": None, "attempts": None,
    }
).decode()  # fmt: skip


def _left(row: asyncpg.Record) -> int | None:
    if row["verdict"] not in REFUSALS_WITH_NUMBERS:
        return None
    return row["limit_amount"] - row["used"] - row["held"]


def test_admission_and_settlement_do_what_their_model_does(database_server: EmbeddedServer) -> None:
    RequestsMachine.steps = 0
    run_state_machine_as_test(
        lambda: RequestsMachine(database_server),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{RequestsMachine.steps} steps")
    assert RequestsMachine.steps >= FEWEST_STEPS
