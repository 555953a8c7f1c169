"""The ledger against its model: the same commands on both, and after every one of them the same wallets.

What stays true after each step: every invariant of ledger/verify.sql, and balances, grants, open holds and platform
accounts equal to the model's.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import asyncpg
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

from omna.db.embedded import EmbeddedServer
from omna.errors import Conflict, InsufficientCredits, InvalidValue
from omna.ids import TransferId, WorkspaceId, new_id
from omna.ledger import service as ledger
from omna.ledger.model import Code
from omna.money import Nanocredits
from tests.property.engine import Engine
from tests.property.model import Ledger, Wallet

EXAMPLES, STEPS = 36, 50
#: Some examples end early when their data is used up; at least so many steps must have run.
FEWEST_STEPS = 1_200

LEASE = timedelta(hours=1)
ACTOR, REASON = "test", "property"
FOREVER = float("inf")

amounts = st.integers(1, 60)
places = st.integers(0, 1_000)
#: A position of a batch: wallet (the last one does not exist), amount, and whether it repeats the one before it.
items = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60), st.booleans()), min_size=1, max_size=8)


#: What is booked with an amount and nothing else.
BOOKINGS: dict[str, Callable[..., Awaitable[Code]]] = {
    "recharge": ledger.recharge,
    "adjust": ledger.adjust,
    "approve": ledger.approve_refund,
    "pay": ledger.pay_refund,
    "fail": partial(ledger.fail_refund, was_paid=False),
    "fail_late": partial(ledger.fail_refund, was_paid=True),
    "open": ledger.open_chargeback,
    "win": ledger.win_chargeback,
    "lose": ledger.lose_chargeback,
    "write_off": ledger.write_off_debt,
}


class Booking:
    """One of BOOKINGS."""

    def __init__(self, kind: str, workspace: UUID, amount: int, transfer: UUID | None = None) -> None:
        self.kind, self.workspace, self.amount = kind, workspace, amount
        self.transfer = transfer or new_id()

    def expected(self, model: Ledger) -> list[str]:
        facts = (self.workspace, self.transfer, self.amount)
        match self.kind:
            case "recharge":
                return [model.recharge(*facts)]
            case "adjust":
                return [model.adjust(*facts)]
            case "approve" | "pay" | "fail" | "fail_late":
                return [model.refund(self.kind, *facts)]
            case "open" | "win" | "lose":
                return [model.dispute(self.kind, *facts)]
        return [model.write_off(*facts)]

    async def run(self, connection: asyncpg.Connection) -> list[str]:
        try:
            async with connection.transaction():
                code = await BOOKINGS[self.kind](
                    connection,
                    transfer_id=TransferId(self.transfer),
                    workspace_id=WorkspaceId(self.workspace),
                    amount=Nanocredits(self.amount),
                    actor=ACTOR,
                    reason=REASON,
                )
                return [code]
        except Conflict:
            return ["conflict"]
        except InsufficientCredits:
            return ["insufficient"]
        except InvalidValue:
            return ["too_much"]


class Withdrawal:
    """A promo grant is taken back."""

    def __init__(self, workspace: UUID, grant: UUID) -> None:
        self.workspace, self.grant, self.transfer = workspace, grant, new_id()

    def expected(self, model: Ledger) -> list[str]:
        return [model.withdraw(self.workspace, self.transfer, self.grant, time.time())]

    async def run(self, connection: asyncpg.Connection) -> list[str]:
        async with connection.transaction():
            taken = await ledger.withdraw_promo(
                connection,
                transfer_id=TransferId(self.transfer),
                workspace_id=WorkspaceId(self.workspace),
                grant_id=TransferId(self.grant),
                actor=ACTOR,
                reason=REASON,
            )
        return [str(taken)]


class GivingBack:
    """The charge of a request goes back, or a part of it."""

    def __init__(self, workspace: UUID, hold: UUID, amount: int) -> None:
        self.workspace, self.hold, self.amount, self.transfer = workspace, hold, amount, new_id()

    def expected(self, model: Ledger) -> list[str]:
        return [model.give_back(self.workspace, self.transfer, self.hold, self.amount)]

    async def run(self, connection: asyncpg.Connection) -> list[str]:
        try:
            async with connection.transaction():
                code = await ledger.refund_usage(
                    connection,
                    transfer_id=TransferId(self.transfer),
                    workspace_id=WorkspaceId(self.workspace),
                    hold_id=TransferId(self.hold),
                    amount=Nanocredits(self.amount),
                    actor=ACTOR,
                    reason=REASON,
                )
                return [code]
        except Conflict:
            return ["conflict"]
        except InvalidValue:
            return ["too_much"]


class Grant:
    """A promo grant that expires in so many hours (less than none: it comes too late), or never."""

    def __init__(self, workspace: UUID, amount: int, hours: int | None, transfer: UUID | None = None) -> None:
        self.workspace, self.amount = workspace, amount
        self.transfer = transfer or new_id()
        # Nothing happens within an hour of now, so that both clocks agree about what has expired.
        self.expires_at = None if hours is None else datetime.now(UTC) + timedelta(hours=hours)

    def expected(self, model: Ledger) -> list[str]:
        expires_at = FOREVER if self.expires_at is None else self.expires_at.timestamp()
        return [model.grant(self.workspace, self.transfer, self.amount, expires_at)]

    async def run(self, connection: asyncpg.Connection) -> list[str]:
        try:
            async with connection.transaction():
                code = await ledger.grant_promo(
                    connection,
                    transfer_id=TransferId(self.transfer),
                    workspace_id=WorkspaceId(self.workspace),
                    amount=Nanocredits(self.amount),
                    expires_at=self.expires_at,
                    actor=ACTOR,
                    reason=REASON,
                )
                return [code]
        except Conflict:
            return ["conflict"]


class Holds:
    """A batch of (transfer, hold, workspace, amount)."""

    def __init__(self, batch: Sequence[tuple[UUID, UUID, UUID, int]]) -> None:
        self.batch = batch

    def expected(self, model: Ledger) -> list[str]:
        now = time.time()
        before = {w: set(wallet.transfers) for w, wallet in model.wallets.items()}
        mentioned: set[tuple[UUID, UUID]] = set()
        codes = []
        for transfer, hold, workspace, amount in self.batch:
            # An id is decided once a batch: a second mention is a mistake of the caller, not a replay.
            again = (workspace, transfer) in mentioned and transfer not in before.get(workspace, ())
            mentioned.add((workspace, transfer))
            codes.append("conflict" if again else model.hold(workspace, transfer, hold, amount, now))
        return codes

    async def run(self, connection: asyncpg.Connection) -> list[Code]:
        transfers, holds, workspaces, amounts = zip(*self.batch, strict=True)
        return await ledger.extend(
            connection,
            transfer_ids=transfers,
            hold_ids=holds,
            workspace_ids=workspaces,
            amounts=amounts,
            lease=LEASE,
        )


class Resolutions:
    """A batch of (transfer, hold, workspace, charge)."""

    def __init__(self, batch: Sequence[tuple[UUID, UUID, UUID, int]], *, expired_only: bool) -> None:
        self.batch = batch
        self.expired_only = expired_only

    def expected(self, model: Ledger) -> list[str]:
        now = time.time()
        return [
            model.resolve(workspace, transfer, hold, charge, now, expired_only=self.expired_only)
            for transfer, hold, workspace, charge in self.batch
        ]

    async def run(self, connection: asyncpg.Connection) -> list[Code]:
        transfers, holds, workspaces, charges = zip(*self.batch, strict=True)
        return await ledger.settle(
            connection,
            transfer_ids=transfers,
            hold_ids=holds,
            workspace_ids=workspaces,
            charges=charges,
            expired_only=self.expired_only,
        )


Sent = Booking | Grant | Withdrawal | GivingBack | Holds | Resolutions


class LedgerMachine(RuleBasedStateMachine):
    """Three wallets; every command that was sent can be sent again."""

    steps = 0

    def __init__(self, server: EmbeddedServer) -> None:
        super().__init__()
        self.engine = Engine(server)
        self.model = Ledger()
        self.sent: list[Sent] = []
        self.every_hold: list[tuple[UUID, UUID]] = []
        self.stranger = new_id()

    @initialize(funds=st.lists(st.integers(1, 200), min_size=3, max_size=3))
    def open_wallets(self, funds: list[int]) -> None:
        for amount in funds:
            workspace = WorkspaceId(new_id())
            self.engine.call(lambda connection, w=workspace: ledger.open_wallet(connection, w))
            self.model.wallets[workspace] = Wallet()
            self.send(Booking("recharge", workspace, amount))

    @property
    def workspaces(self) -> list[UUID]:
        return list(self.model.wallets)

    def send(self, command: Sent) -> None:
        assert self.engine.call(command.run) == command.expected(self.model)
        self.sent.append(command)

    @rule(wallet=st.integers(0, 2), amount=amounts)
    def recharge(self, wallet: int, amount: int) -> None:
        self.send(Booking("recharge", self.workspaces[wallet], amount))

    @rule(wallet=st.integers(0, 2), amount=amounts, hours=st.sampled_from([None, 3, 2, 24, -2]))
    def grant(self, wallet: int, amount: int, hours: int | None) -> None:
        self.send(Grant(self.workspaces[wallet], amount, hours))

    @rule(wallet=st.integers(0, 2), amount=st.integers(-60, 60).filter(bool))
    def adjust(self, wallet: int, amount: int) -> None:
        self.send(Booking("adjust", self.workspaces[wallet], amount))

    @rule(
        wallet=st.integers(0, 2), step=st.sampled_from(["approve", "approve", "pay", "fail", "fail_late"]), part=places
    )
    def refund(self, wallet: int, step: str, part: int) -> None:
        found = self.model.wallets[self.workspaces[wallet]]
        if step == "fail_late":
            self._take_back(step, wallet, found.refunded, part)
        else:
            # One more than there is: refused, and nothing changes.
            there = found.paid if step == "approve" else found.refund_pending
            self.send(Booking(step, self.workspaces[wallet], 1 + part % (there + 1)))

    @rule(wallet=st.integers(0, 2), amount=amounts)
    def open_dispute(self, wallet: int, amount: int) -> None:
        self.send(Booking("open", self.workspaces[wallet], amount))

    @rule(wallet=st.integers(0, 2), step=st.sampled_from(["win", "lose"]), part=places)
    def close_dispute(self, wallet: int, step: str, part: int) -> None:
        self._take_back(step, wallet, self.model.wallets[self.workspaces[wallet]].disputed, part)

    @rule(wallet=st.integers(0, 2), part=places)
    def write_off(self, wallet: int, part: int) -> None:
        owed = -self.model.wallets[self.workspaces[wallet]].debt
        self.send(Booking("write_off", self.workspaces[wallet], 1 + part % (owed + 1)))

    @precondition(lambda self: any(wallet.grants for wallet in self.model.wallets.values()))
    @rule(place=places)
    def withdraw(self, place: int) -> None:
        grants = [(w, grant) for w, wallet in self.model.wallets.items() for grant in wallet.grants.values()]
        workspace, grant = grants[place % len(grants)]
        self.send(Withdrawal(workspace, grant.grant_id))
        # The order of ended grants is that of the database's clock.
        (row,) = self.engine.rows("SELECT expires_at FROM promo_grants WHERE grant_id = $1", grant.grant_id)
        assert abs(row["expires_at"].timestamp() - grant.expires_at) < 5
        grant.expires_at = row["expires_at"].timestamp()

    @precondition(lambda self: self.every_hold)
    @rule(place=places, part=places)
    def give_back(self, place: int, part: int) -> None:
        workspace, hold = self.every_hold[place % len(self.every_hold)]
        charge = sum(self.model.wallets[workspace].charged.get(hold, (0, 0)))
        # One more than the charge: refused, and nothing changes.
        command = GivingBack(workspace, hold, 1 + part % (charge + 1))
        self.send(command)
        for row in self.engine.rows(
            "SELECT nullif(expires_at, 'infinity') AS ends FROM promo_grants WHERE grant_id = $1", command.transfer
        ):
            grant = self.model.wallets[workspace].grants[command.transfer]
            grant.expires_at = FOREVER if row["ends"] is None else row["ends"].timestamp()
            assert grant.expires_at > time.time() + 29 * 24 * 3600

    @rule(batch=items)
    def hold(self, batch: list[tuple[int, int, bool]]) -> None:
        self.send(Holds(self._new_holds(batch)))

    @precondition(lambda self: self.every_hold)
    @rule(batch=st.lists(st.tuples(places, st.integers(0, 30)), min_size=1, max_size=4))
    def extend(self, batch: list[tuple[int, int]]) -> None:
        chosen = [(self.every_hold[place % len(self.every_hold)], amount) for place, amount in batch]
        self.send(Holds([(new_id(), hold, workspace, amount) for (workspace, hold), amount in chosen]))

    @precondition(lambda self: self.every_hold)
    @rule(
        batch=st.lists(
            st.tuples(places, st.sampled_from(["none", "part", "all", "more"]), places), min_size=1, max_size=6
        ),
        expired_only=st.sampled_from([False, False, True]),
    )
    def resolve(self, batch: list[tuple[int, str, int]], expired_only: bool) -> None:
        chosen: dict[UUID, tuple[UUID, UUID, UUID, int]] = {}
        for place, share, part in batch:
            workspace, hold = self.every_hold[place % len(self.every_hold)]
            open_hold = self.model.wallets[workspace].holds.get(hold)
            held = open_hold.amount if open_hold is not None else 10
            charge = {"none": 0, "part": part % (held + 1), "all": held, "more": held + 1}[share]
            chosen.setdefault(hold, (new_id(), hold, workspace, charge))
        self.send(Resolutions(list(chosen.values()), expired_only=expired_only))

    @rule(wallet=st.integers(0, 3), charge=st.integers(0, 5))
    def resolve_what_was_never_held(self, wallet: int, charge: int) -> None:
        workspace = [*self.workspaces, self.stranger][wallet]
        self.send(Resolutions([(new_id(), new_id(), workspace, charge)], expired_only=False))

    @precondition(lambda self: self.sent)
    @rule(place=places)
    def replay(self, place: int) -> None:
        """Any earlier command again: what was done stays done, and says so."""
        self.send(self.sent[place % len(self.sent)])

    @precondition(lambda self: any(isinstance(command, Booking | Grant) for command in self.sent))
    @rule(place=places, amount=amounts)
    def same_id_other_content(self, place: int, amount: int) -> None:
        credits_ = [command for command in self.sent if isinstance(command, Booking | Grant)]
        old = credits_[place % len(credits_)]
        self.send(Booking("recharge", old.workspace, abs(old.amount) + amount, old.transfer))

    @rule(batch=items, turns=st.integers(0, 6))
    def hold_and_lose_the_answer(self, batch: list[tuple[int, int, bool]], turns: int) -> None:
        """The connection breaks; the same batch again says what was decided, and nothing is held twice."""
        command = Holds(self._new_holds([(wallet, amount, False) for wallet, amount, _ in batch]))
        self.engine.lose(command.run, turns)
        codes = self.engine.call(command.run)
        assert ["held" if code == "replayed" else code for code in codes] == command.expected(self.model)
        self.sent.append(command)

    @precondition(lambda self: self.every_hold)
    @rule(place=places, part=places, turns=st.integers(0, 6))
    def settle_and_lose_the_answer(self, place: int, part: int, turns: int) -> None:
        workspace, hold = self.every_hold[place % len(self.every_hold)]
        open_hold = self.model.wallets[workspace].holds.get(hold)
        charge = part % (open_hold.amount + 1) if open_hold is not None else 0
        command = Resolutions([(new_id(), hold, workspace, charge)], expired_only=False)
        self.engine.lose(command.run, turns)
        self.send(command)

    @precondition(lambda self: self.every_hold)
    @rule(place=places)
    def a_lease_ends(self, place: int) -> None:
        workspace, hold = self.every_hold[place % len(self.every_hold)]
        self.engine.let_pass(
            "UPDATE holds SET lease_until = clock_timestamp() - interval '1 s' WHERE hold_id = $1", hold
        )
        if hold in self.model.wallets[workspace].holds:
            self.model.wallets[workspace].holds[hold].lease_over = True

    @precondition(lambda self: any(wallet.grants for wallet in self.model.wallets.values()))
    @rule(place=places)
    def a_grant_expires(self, place: int) -> None:
        grants = [grant for wallet in self.model.wallets.values() for grant in wallet.grants.values()]
        grant = grants[place % len(grants)]
        if grant.expires_at > time.time():
            moment = datetime.now(UTC) - timedelta(seconds=1)
            grant.expires_at = moment.timestamp()
            self.engine.let_pass("UPDATE promo_grants SET expires_at = $2 WHERE grant_id = $1", grant.grant_id, moment)

    @rule()
    def sweep(self) -> None:
        assert self.engine.call(lambda c: c.fetchval("SELECT ledger_expire_promos(1000)")) == self.model.sweep(
            time.time()
        )

    @rule(wallet=st.integers(0, 2), most=st.integers(1, 40))
    def store_lines(self, wallet: int, most: int) -> None:
        self.engine.call(lambda c: ledger.store_lines(c, WorkspaceId(self.workspaces[wallet]), most))

    @rule()
    def seal(self) -> None:
        head = self.engine.call(ledger.seal)
        assert head.transfers == self.model.unsealed
        self.model.unsealed = 0

    @invariant()
    def every_invariant_holds(self) -> None:
        type(self).steps += 1
        assert self.engine.call(ledger.verify) == []

    @invariant()
    def engine_and_model_agree(self) -> None:
        wallets = self.model.wallets.values()
        assert self.engine.wallets() == {w: wallet.balances() for w, wallet in self.model.wallets.items()}
        assert self.engine.grants() == {g.grant_id: g.remaining for wallet in wallets for g in wallet.grants.values()}
        assert self.engine.holds() == {
            hold_id: (hold.paid, hold.promo) for wallet in wallets for hold_id, hold in wallet.holds.items()
        }
        assert self.engine.platform() == {account: total for account, total in self.model.platform.items() if total}

    def _take_back(self, step: str, wallet: int, out: int, part: int) -> None:
        """Book what the payments vouch for: never more than went out."""
        if out:
            self.send(Booking(step, self.workspaces[wallet], 1 + part % out))

    def teardown(self) -> None:
        self.engine.close()

    def _new_holds(self, batch: list[tuple[int, int, bool]]) -> list[tuple[UUID, UUID, UUID, int]]:
        made: list[tuple[UUID, UUID, UUID, int]] = []
        for wallet, amount, repeats in batch:
            workspace = [*self.workspaces, self.stranger][wallet]
            if repeats and made:
                made.append(made[-1])
                continue
            hold = new_id()
            made.append((hold, hold, workspace, amount))
            if workspace != self.stranger:
                self.every_hold.append((workspace, hold))
        return made


def test_ledger_does_what_its_model_does(database_server: EmbeddedServer) -> None:
    LedgerMachine.steps = 0
    run_state_machine_as_test(
        lambda: LedgerMachine(database_server),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{LedgerMachine.steps} steps")
    assert LedgerMachine.steps >= FEWEST_STEPS
