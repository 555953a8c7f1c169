"""A till: Credits are bought, spent, refunded and disputed, and after each step the books are proven."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg

from omna.accounts import service as accounts
from omna.accounts.service import StaffRole
from omna.audit.service import Actor
from omna.config import Risk
from omna.db.pool import borrow, transaction
from omna.http.principal import RIGHTS, Member, Person, Role
from omna.ids import RechargeId, SessionId, TransferId, UserId, WorkspaceId, new_id, show
from omna.ledger import service as ledger
from omna.ledger.model import Code, Wallet
from omna.money import Nanocredits, format_credits, parse_credits
from omna.payments import verification
from omna.payments.checkout.processor import DisputeFacts, RefundFacts, RefundStatus
from omna.payments.disputes import applying as disputes
from omna.payments.disputes import store as dispute_store
from omna.payments.disputes.model import Dispute
from omna.payments.recharges.crediting import ensure_credited
from omna.payments.recharges.model import Recharge
from omna.payments.refunds import applying, lots, review, service, store
from omna.payments.refunds.model import Payment, Refund
from omna.vault.keyring import Keyring, Purpose
from omna.workspaces import service as workspaces
from tests.harness.recharges import order


@dataclass(frozen=True)
class Reviewer:
    """Somebody of the staff."""

    person: Person
    actor: Actor


@dataclass(frozen=True)
class Bought:
    """An order and its payment."""

    recharge: Recharge
    payment: Payment

    @property
    def recharge_id(self) -> RechargeId:
        return self.recharge.recharge_id


def nano(text: str) -> Nanocredits:
    return Nanocredits(parse_credits(text))


class Till:
    """One workspace that buys, and the staff who decide."""

    def __init__(self, pool: asyncpg.Pool, keyring: Keyring) -> None:
        self.pool = pool
        self.key = keyring.derive(Purpose.AUDIT_CHAIN)
        self.actor = Actor("system:payments", "", self.key)
        self.workspace_id = WorkspaceId(new_id())
        self.owner_id = UserId(new_id())

    async def open(self) -> "Till":
        async with transaction(self.pool) as connection:
            owner = await accounts.create_user(connection, "owner@example.com", actor=self.actor, name="Owner")
            made = await workspaces.create_personal(connection, owner.user_id, "Shop", risk=Risk(), actor=self.actor)
        self.owner_id, self.workspace_id = owner.user_id, made.workspace_id
        return self

    @property
    def member(self) -> Member:
        return Member(self.workspace_id, self.owner_id, Role.OWNER, RIGHTS[Role.OWNER], None, None, "192.0.2.1")

    @property
    def customer(self) -> Actor:
        return Actor(show("usr", self.owner_id), "192.0.2.1", self.key)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Any]:
        """Lend a transaction, and prove the books after it."""
        async with transaction(self.pool) as connection:
            yield connection
        await self.prove()

    async def prove(self) -> None:
        async with borrow(self.pool) as connection:
            # What is spent here are holds without a request, which the gateway's invariants would miss.
            assert await ledger.verify(connection) + await verification.verify(connection) == []

    async def staff(self, name: str = "Fin", role: str = "finance") -> Reviewer:
        async with transaction(self.pool) as connection:
            user = await accounts.create_user(
                connection, f"{name.lower()}@example.com", actor=self.actor, name=name, staff_role=StaffRole(role)
            )
        person = Person(user.user_id, SessionId(new_id()), "192.0.2.9", True, role)
        return Reviewer(person, Actor(show("usr", user.user_id), "192.0.2.9", self.key))

    async def ordered(self, amount: str = "10", channel: str = "checkout") -> Recharge:
        async with borrow(self.pool) as connection:
            return await order(connection, self.workspace_id, self.actor, amount=amount, channel=channel)  # type: ignore[arg-type]

    async def buy(self, amount: str = "10", channel: str = "checkout") -> Bought:
        """Order, pay and be credited."""
        return await self.pay(await self.ordered(amount, channel))

    async def pay(self, recharge: Recharge, payment_id: str | None = None) -> Bought:
        manual = recharge.channel == "manual"
        name = payment_id or (show("rch", recharge.recharge_id) if manual else f"pi_{new_id().hex}")
        async with self.work() as connection:
            done = await ensure_credited(
                connection,
                workspace_id=self.workspace_id,
                recharge_id=recharge.recharge_id,
                processor="manual" if manual else "sandbox",
                payment_id=name,
                amount_minor=recharge.total_minor,
                currency=recharge.currency,
                credits=Nanocredits(recharge.credits),
                actor=self.actor,
                step_actor="processor",
            )
            payment = await lots.payment(connection, self.workspace_id, done.payment_key)
        assert payment is not None
        return Bought(recharge, payment)

    async def hold(self, amount: str) -> TransferId:
        hold_id = TransferId(new_id())
        async with transaction(self.pool) as connection:
            (code,) = await ledger.hold(
                connection,
                hold_ids=[hold_id],
                workspace_ids=[self.workspace_id],
                amounts=[nano(amount)],
                lease=timedelta(minutes=5),
            )
        assert code is Code.HELD, code
        return hold_id

    async def settle(self, hold_id: TransferId, amount: str) -> None:
        async with transaction(self.pool) as connection:
            (code,) = await ledger.settle(
                connection,
                transfer_ids=[TransferId(new_id())],
                hold_ids=[hold_id],
                workspace_ids=[self.workspace_id],
                charges=[nano(amount)],
            )
        assert code in (Code.SETTLED, Code.RELEASED), code

    async def spend(self, amount: str) -> None:
        await self.settle(await self.hold(amount), amount)

    async def wallet(self) -> Wallet:
        await self.prove()
        async with borrow(self.pool) as connection:
            return await ledger.wallet(connection, self.workspace_id)

    async def sums(self) -> tuple[str, str, str, str]:
        """Return paid, promo, set aside and owed."""
        wallet = await self.wallet()
        return (
            format_credits(wallet.available_paid),
            format_credits(wallet.available_promo),
            format_credits(wallet.refund_pending),
            format_credits(-wallet.debt),
        )

    async def ask(self, bought: Bought | Recharge, **how: Any) -> Refund:
        """Ask for a refund, as its customer."""
        recharge = bought if isinstance(bought, Recharge) else bought.recharge
        facts: dict[str, Any] = {"kind": "unused", "preference": "refund", "reason": "not needed"} | how
        if isinstance(facts.get("credits"), str):
            facts["credits"] = nano(facts["credits"])
        wish = service.Wish(facts.pop("client_token", f"token-{new_id().hex}"), recharge.recharge_id, **facts)
        async with self.work() as connection:
            refund, _ = await service.request(connection, wish, by=self.member, actor=self.customer)
        return refund

    async def approve(self, refund: Refund, by: Reviewer, **how: Any) -> review.Outcome:
        """Approve with the money typed that the plan says, unless told otherwise."""
        wanted = how.pop("credits", None)
        wanted = nano(wanted) if isinstance(wanted, str) else wanted
        async with self.work() as connection:
            if "typed_minor" not in how:
                how["typed_minor"] = (
                    await review.plan(connection, refund.refund_id, wanted, by.actor.name)
                ).amount_minor
            decision = review.Decision("checked", credits=wanted, **how)
            return await review.approve(connection, refund.refund_id, decision, by=by.person, actor=by.actor)

    async def refund(self, refund: Refund) -> Refund:
        """Return a refund as it is now."""
        async with borrow(self.pool) as connection:
            return await service.get(connection, self.workspace_id, refund.refund_id)

    async def refunds(self) -> list[Refund]:
        async with borrow(self.pool) as connection:
            return await store.of_workspace(connection, self.workspace_id)

    async def tell_refund(
        self, bought: Bought, status: RefundStatus, minor: int, name: str = "re_1", *, ours: Any = None
    ) -> None:
        """Apply what the payment service says about a refund."""
        fact = RefundFacts(name, minor, bought.recharge.currency, status, "declined" * (status == "failed"), ours)
        async with self.work() as connection:
            await applying.apply_refund_facts(connection, bought.payment, [fact], actor=self.actor)

    async def tell_dispute(
        self,
        bought: Bought,
        status: str,
        withdrawn: int = 0,
        returned: int = 0,
        *,
        name: str = "dp_1",
        freeze: bool = True,
    ) -> Dispute:
        """Apply what the payment service says about a dispute."""
        fact = DisputeFacts(
            name,
            status,
            "fraudulent",
            bought.payment.amount_minor,
            bought.recharge.currency,
            withdrawn,
            returned,
        )
        async with self.work() as connection:
            await disputes.apply_dispute_facts(connection, bought.payment, [fact], freeze=freeze, actor=self.actor)
            found = await dispute_store.by_external(connection, bought.payment.processor, name)
        assert found is not None
        return found

    async def state_of(self, recharge_id: RechargeId) -> str:
        async with borrow(self.pool) as connection:
            state: str = await connection.fetchval("SELECT state FROM recharges WHERE recharge_id = $1", recharge_id)
        return state

    async def subjects(self) -> list[str]:
        """Return the subjects of the mails, oldest first."""
        async with borrow(self.pool) as connection:
            return [row[0] for row in await connection.fetch("SELECT subject FROM mail_outbox ORDER BY mail_id")]
