"""Orders under everything that customers, reviewers, clocks and payment services may do, in any order, against a model.

What stays true after each act: the order is where the model says; the wallet has what the payments brought; every
invariant of the ledger and of payments holds.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omna.accounts import service as accounts
from omna.accounts.service import StaffRole
from omna.audit.service import Actor
from omna.config import Risk
from omna.db.embedded import EmbeddedServer
from omna.errors import Conflict
from omna.ids import RechargeId, UserId, WorkspaceId, new_id, show
from omna.ledger import service as ledger
from omna.money import NANO_PER_CREDIT, Nanocredits
from omna.payments import verification
from omna.payments.recharges import crediting, expiry, proofs, review, service
from omna.payments.recharges.model import Received, Recharge
from omna.payments.recharges.proofs import Proof
from omna.uploads.service import parse_id
from omna.workspaces import service as workspaces
from tests.harness.recharges import order, upload
from tests.property.engine import Engine

C = NANO_PER_CREDIT
STAFF = Actor("cli:property", "test", b"k" * 32)
REVIEWABLE = ("submitted", "needs_information")

reviewers = st.sampled_from(["a", "b"])
by_hand = st.one_of(
    st.tuples(st.sampled_from(["submit", "submit", "cancel", "expire"]), st.none()),
    st.tuples(
        st.sampled_from(["claim", "claim", "claim", "release", "approve", "approve", "reject", "ask", "duplicate"]),
        reviewers,
    ),
)
by_checkout = st.one_of(
    st.tuples(st.sampled_from(["pay", "pay", "misfit"]), st.sampled_from(["pi_1", "pi_2", "pi_3"])),
    st.tuples(st.just("cancel"), st.none()),
    st.tuples(st.sampled_from(["approve", "approve", "reject", "claim", "claim", "duplicate"]), reviewers),
)


@dataclass
class Model:
    """Where an order is by the book. Credits are whole ones."""

    state: str
    lock: str | None = None
    first: str | None = None
    flag: str = ""
    misfit: str | None = None
    turned_down: str | None = None
    credited: dict[str, float] = field(default_factory=dict)
    bonus: int = 0

    def act(self, act: str, by: str | None) -> bool:
        """Do an act of an order by hand; False: it is refused."""
        free, mine = self.lock in (None, by), self.lock == by
        match act:
            case "submit" if self.state in ("awaiting_proof", *REVIEWABLE):
                self.state, self.lock, self.first = "submitted", None, None
            case "cancel" if self.state in ("awaiting_proof", *REVIEWABLE):
                self.state, self.lock = "cancelled", None
            case "expire":
                if self.state in ("awaiting_proof", "needs_information"):
                    self.state, self.lock = "expired", None
            case "claim" if self.state in REVIEWABLE and free:
                self.lock = by
            case "release":
                self.lock = None if self.lock == by else self.lock
            case "approve" if self.state in REVIEWABLE and mine and self.first is None:
                self.first, self.lock = by, None
            case "approve" if self.state in REVIEWABLE and mine and self.first != by:
                self.state, self.lock, self.credited = "credited", None, {"": 150}
            case "reject" | "duplicate" if self.state in REVIEWABLE and mine:
                self.state, self.lock = {"reject": "rejected"}.get(act, act), None
            case "ask" if self.state in REVIEWABLE and mine:
                self.state, self.lock, self.first = "needs_information", None, None
            case _:
                return False
        return True

    def pay(self, act: str, who: str | None) -> bool:
        """Do an act of an order by checkout; False: it is refused."""
        free, mine = self.lock in (None, who), self.lock == who
        before = self.state
        match act:
            case "pay":
                if who not in self.credited:
                    self.misfit = None if who == self.misfit else self.misfit
                    self.turned_down = None if who == self.turned_down else self.turned_down
                    self._credit(who or "", 100)
            case "misfit":
                if who not in self.credited and self.misfit is None and who != self.turned_down:
                    self.misfit, self.turned_down, self.flag = who, None, "amount_mismatch"
                    self.state = "submitted" if not self.credited else self.state
            case "cancel" if before in ("created", "open"):
                self.state = "cancelled"
            case "approve" if self.misfit is not None and mine:
                self._credit(self.misfit, 50)
                self.misfit = None
            case "reject" | "duplicate" if before == "submitted" and mine:
                self.state, self.lock = {"reject": "rejected"}.get(act, act), None
                self.turned_down, self.misfit = self.misfit, None
            case "claim" if self.misfit is not None and free:
                self.lock = who
            case _:
                return False
        return True

    def _credit(self, payment: str, credits: float) -> None:  # noqa: A002
        if self.credited:
            self.flag = "paid_twice"
        elif self.state in ("cancelled", "rejected", "duplicate"):
            self.flag = "late_payment"
        self.bonus = 5 if not self.credited and credits >= 100 else self.bonus
        self.credited[payment] = credits
        self.state, self.lock = "credited", None


class Shop:
    """One workspace and two reviewers nobody knows, on a database that other examples use, too."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.reviewers = {name: UserId(new_id()) for name in ("a", "b")}
        self.customer = UserId(new_id())

    def open(self) -> None:
        async def run(connection: asyncpg.Connection) -> tuple[WorkspaceId, UserId]:
            email = f"{new_id().hex}@example.com"
            async with connection.transaction():
                user = await accounts.create_user(connection, email, actor=STAFF)
                space = await workspaces.create_personal(connection, user.user_id, "Shop", risk=Risk(), actor=STAFF)
            return space.workspace_id, user.user_id

        self.workspace_id, self.customer = self.engine.call(run)

    def order(self, amount: str, channel: Any) -> Recharge:
        return self.engine.call(
            lambda connection: order(connection, self.workspace_id, STAFF, amount=amount, channel=channel)
        )

    def upload(self) -> str:
        return self.engine.call(lambda connection: upload(connection, self.workspace_id, self.customer))

    def act(self, recharge: Recharge, act: str, who: str | None, proof: str = "", other: Any = None) -> bool:
        """Do an act for real; False: it was refused."""
        target, by = recharge.recharge_id, self.reviewers.get(who or "", self.customer)
        common: dict[str, Any] = {"by": by, "actor": Actor(show("usr", by), "test", b"k" * 32)}

        async def run(connection: asyncpg.Connection) -> None:
            match act:
                case "submit":
                    handed_in = Proof("W1", parse_id(proof))
                    await proofs.submit(
                        connection,
                        target,
                        handed_in,
                        workspace_id=self.workspace_id,
                        user_id=self.customer,
                        actor=STAFF,
                    )
                case "cancel":
                    await service.cancel(connection, target, workspace_id=self.workspace_id, actor=STAFF)
                case "expire":
                    await connection.execute("UPDATE recharges SET expires_at = now() WHERE recharge_id = $1", target)
                    await expiry.expire(connection, actor=STAFF)
                case "claim":
                    await review.claim(connection, target, **common)
                case "release":
                    await review.release(connection, target, **common)
                case "approve":
                    found = await service.get(connection, self.workspace_id, target)
                    typed = found.total_minor if found.received is None else found.received.amount_minor
                    await review.approve(connection, target, f"{typed / 100:.2f}", None, reason="property", **common)
                case "reject":
                    await review.reject(connection, target, "No.", reason="property", **common)
                case "ask":
                    await review.ask(connection, target, "Who?", reason="property", **common)
                case "duplicate":
                    await review.duplicate(connection, target, other, reason="property", **common)
                case "pay":
                    await crediting.ensure_credited(
                        connection,
                        workspace_id=self.workspace_id,
                        recharge_id=target,
                        processor="sandbox",
                        payment_id=f"{who}_{target.hex}",
                        amount_minor=recharge.total_minor,
                        currency="usd",
                        credits=Nanocredits(recharge.credits),
                        actor=STAFF,
                        step_actor="processor",
                    )
                case "misfit":
                    await crediting.flag_for_review(
                        connection,
                        workspace_id=self.workspace_id,
                        recharge_id=target,
                        flag=crediting.AMOUNT_MISMATCH,
                        received=Received(f"{who}_{target.hex}", recharge.total_minor // 2, "usd"),
                        actor=STAFF,
                    )

        with suppress(Conflict):
            self.engine.transact(run)
            return True
        return False

    def check(self, recharge: Recharge, model: Model) -> None:
        found = self.engine.call(lambda c: service.get(c, self.workspace_id, recharge.recharge_id))
        wallet = self.engine.call(lambda c: ledger.wallet(c, self.workspace_id))
        assert (found.state, found.flag) == (model.state, model.flag)
        assert wallet.available_paid == sum(model.credited.values()) * C
        assert wallet.available_promo == model.bonus * C


@pytest.fixture(scope="module")
def engine(database_server: EmbeddedServer) -> Iterator[Engine]:
    made = Engine(database_server)

    async def hire(connection: asyncpg.Connection) -> None:
        for number in range(2):
            await accounts.create_user(
                connection, f"staff{number}@example.com", actor=STAFF, staff_role=StaffRole.FINANCE
            )

    made.transact(hire)
    yield made
    made.close()


quick = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@quick
@given(acts=st.lists(by_hand, min_size=3, max_size=14))
def test_an_order_by_hand_is_where_the_model_says(engine: Engine, acts: list[tuple[str, str | None]]) -> None:
    shop = Shop(engine)
    shop.open()
    recharge, other, proof = shop.order("150", "manual"), shop.order("10", "manual"), shop.upload()
    model = Model("awaiting_proof")
    for act, who in acts:
        assert shop.act(recharge, act, who, proof, other.recharge_id) == model.act(act, who), (act, who, model)
        shop.check(recharge, model)
    proven(engine)


@quick
@given(acts=st.lists(by_checkout, min_size=3, max_size=12))
def test_an_order_by_checkout_is_where_the_model_says(engine: Engine, acts: list[tuple[str, str | None]]) -> None:
    shop = Shop(engine)
    shop.open()
    recharge, other = shop.order("100", "checkout"), shop.order("10", "checkout")
    model = Model("created")
    for act, who in acts:
        assert shop.act(recharge, act, who, "", RechargeId(other.recharge_id)) == model.pay(act, who), (act, who, model)
        shop.check(recharge, model)
    proven(engine)


def proven(engine: Engine) -> None:
    """Every invariant holds."""
    assert engine.call(ledger.verify) == []
    assert engine.call(verification.verify) == []
