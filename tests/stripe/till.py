"""An installation as far as payments go: a registry on a fake Stripe or the sandbox, its webhook, and what is booked."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from starlette.applications import Starlette

from omna.audit.service import Actor
from omna.config import Payments, Settings
from omna.db.pool import transaction
from omna.ids import RechargeId, WorkspaceId, new_id
from omna.money import Nanocredits, parse_credits
from omna.payments.checkout import opening, webhook
from omna.payments.checkout.registry import Registry
from omna.payments.recharges import service as recharges
from omna.payments.recharges.model import Recharge
from omna.payments.recharges.quote import offer_of
from omna.payments.recharges.service import Wish
from omna.vault.keyring import Keyring
from omna.worker.books import verify_books
from tests.stripe.account import KEY, SECRET, Account, Thing
from tests.stripe.deliveries import signed
from tests.stripe.server import FakeStripe

STRIPE = Payments(stripe_secret_key=KEY, stripe_webhook_secret=SECRET, packs="100+5", freeze_on_dispute=False)
SANDBOX = Payments(sandbox=True, freeze_on_dispute=False)


@dataclass
class Till:
    """`registry` is the product's; `stripe` the other side, not asked by a till of the sandbox."""

    registry: Registry
    stripe: FakeStripe
    workspace_id: WorkspaceId
    actor: Actor

    @property
    def account(self) -> Account:
        return self.stripe.account

    async def order(self, amount: str = "10", *, save_method: bool = False) -> Recharge:
        """Make an order, which no payment service knows of yet."""
        settings = self.registry.settings
        async with transaction(self.registry.pool) as connection:
            made, _ = await recharges.create(
                connection,
                Wish(f"token-{new_id()}", "checkout", Nanocredits(parse_credits(amount)), save_method=save_method),
                workspace_id=self.workspace_id,
                user_id=None,
                offer=offer_of(settings.payments, "1", "2026-11"),
                actor=self.actor,
            )
        return made

    async def opened(self, amount: str = "10", *, save_method: bool = False) -> tuple[RechargeId, str]:
        """Make an order and its checkout; returns its id and that of its session."""
        made = await self.order(amount, save_method=save_method)
        await opening.open_checkout(self.registry, made.recharge_id)
        return made.recharge_id, await self.session_of(made.recharge_id)

    async def session_of(self, recharge_id: RechargeId) -> str:
        session_id = await self.registry.pool.fetchval(
            "SELECT session_id FROM recharges WHERE recharge_id = $1", recharge_id
        )
        assert session_id is not None, "no payment service knows of this order"
        return session_id

    async def post(self, body: bytes, headers: dict[str, str], name: str = "stripe", **more: Any) -> int:
        """Deliver something to the webhook; returns the status."""
        app = Starlette(routes=webhook.routes())
        app.state.checkout = self.registry
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://omna.test") as client:
            return (await client.post(f"/webhooks/{name}", content=body, headers={**headers, **more})).status_code

    async def tell(self, *events: Thing) -> list[int]:
        """Deliver events in their order."""
        return [await self.post(*signed(event)) for event in events]

    async def books(self) -> dict[str, Any]:
        """Return everything that is booked, without ids and moments: what two ways to the same end must agree on."""
        pool = self.registry.pool
        wallet = await pool.fetchrow(
            "SELECT available_paid, available_promo, held_paid, held_promo, debt, refund_pending FROM wallets"
            " WHERE workspace_id = $1",
            self.workspace_id,
        )
        return {
            "wallet": dict(wallet),
            "orders": [
                tuple(row) for row in await pool.fetch(
                    "SELECT state, flag, failure FROM recharges WHERE workspace_id = $1 ORDER BY recharge_id",
                    self.workspace_id,
                )
            ],
            "payments": [
                tuple(row) for row in await pool.fetch(
                    "SELECT amount_minor, currency, credits, bonus FROM payments WHERE workspace_id = $1"
                    " ORDER BY payment_id",
                    self.workspace_id,
                )
            ],
            "transfers": [
                tuple(row) for row in await pool.fetch(
                    "SELECT kind, count(*) FROM transfers WHERE workspace_id = $1 GROUP BY kind ORDER BY kind",
                    self.workspace_id,
                )
            ],
            "refunds": [
                tuple(row) for row in await pool.fetch(
                    "SELECT state, approved_credits, amount_minor FROM refunds WHERE workspace_id = $1"
                    " ORDER BY amount_minor, state",
                    self.workspace_id,
                )
            ],
            "disputes": [
                tuple(row) for row in await pool.fetch(
                    "SELECT state, amount_minor, withdrawn_minor, returned_minor, clawed, booked FROM disputes"
                    " WHERE workspace_id = $1 ORDER BY external_id",
                    self.workspace_id,
                )
            ],
        }  # fmt: skip

    async def state_of(self, recharge_id: RechargeId) -> str:
        state: str = await self.registry.pool.fetchval(
            "SELECT state FROM recharges WHERE recharge_id = $1", recharge_id
        )
        return state

    async def events(self) -> list[tuple[str, str]]:
        """Return kind and state of every event that was kept."""
        rows = await self.registry.pool.fetch("SELECT kind, state FROM payment_events ORDER BY event_key")
        return [(row["kind"], row["state"]) for row in rows]

    async def refused(self) -> dict[str, int]:
        rows = await self.registry.pool.fetch(
            "SELECT cause, sum(count)::bigint AS n FROM refused_deliveries GROUP BY cause"
        )
        return {row["cause"]: row["n"] for row in rows}

    async def verify(self) -> None:
        """`omna ledger verify`."""
        async with self.registry.pool.acquire() as connection:
            assert await verify_books(connection) == []

    async def pass_time(self, recharge_id: RechargeId) -> None:
        """Let the time of an order be over."""
        await self.registry.pool.execute(
            "UPDATE recharges SET expires_at = now() - interval '1 minute' WHERE recharge_id = $1", recharge_id
        )

    async def make_due(self) -> None:
        """Let it be time to ask about every order and event."""
        pool = self.registry.pool
        await pool.execute(
            "UPDATE recharges SET next_poll_at = now() - interval '1 s', created_at = created_at - interval '1 hour'"
        )
        await pool.execute("UPDATE payment_events SET next_try_at = now() - interval '1 s'")


def make_till(
    stripe: FakeStripe, pool: asyncpg.Pool, keyring: Keyring, workspace_id: WorkspaceId, actor: Actor,
    payments: Payments = STRIPE,
) -> Till:  # fmt: skip
    if payments.stripe_secret_key and not payments.stripe_secret_key.startswith("sk_live"):
        payments = replace(payments, stripe_url=stripe.url)
    return Till(
        Registry(Settings(data=Path("/nowhere"), payments=payments), pool, keyring), stripe, workspace_id, actor
    )
