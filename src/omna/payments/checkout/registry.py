"""Which payment services there are on this installation, and what they are made from."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from fastapi import Depends, Request

from omna.audit.model import Actor
from omna.config import ConfigError, Settings
from omna.errors import ServiceUnavailable
from omna.http.cookies import is_loopback
from omna.payments.checkout.processor import Processor
from omna.vault.keyring import Keyring, Purpose

if TYPE_CHECKING:
    from omna.payments.checkout.sandbox import Sandbox

#: Seconds between two questions about one order that a customer brings about, and orders this is remembered of.
_PAUSE_SECONDS, _MOST_REMEMBERED = 2.0, 10_000

_LIVE = ("sk_live_", "rk_live_")
_TEST = ("sk_test_", "rk_test_")


def check(settings: Settings) -> None:
    """Refuse to start with a payment service that must not be. Errors: ConfigError.

    The sandbox gives Credits for nothing: it runs only where nobody but this machine is served, and never beside a key
    that moves money.
    """
    payments = settings.payments
    if payments.sandbox:
        if not is_loopback(urlsplit(settings.server.public_url).hostname or ""):
            raise ConfigError("payments.sandbox gives Credits for nothing: it needs a server.public_url of localhost")
        if payments.stripe_secret_key.startswith(_LIVE):
            raise ConfigError("payments.sandbox gives Credits for nothing: it cannot run beside a live Stripe key")
    if payments.stripe_secret_key and not payments.stripe_secret_key.startswith(_LIVE + _TEST):
        raise ConfigError("payments.stripe_secret_key is no secret key: those begin with sk_live_ or sk_test_")
    if payments.stripe_url:
        if not is_loopback(urlsplit(payments.stripe_url).hostname or ""):
            raise ConfigError("payments.stripe_url is for tests on this machine; leave it empty for Stripe itself")
        if payments.stripe_secret_key.startswith(_LIVE):
            raise ConfigError("payments.stripe_url is for tests: a live key goes to Stripe itself")


class Registry:
    """Made once per process, when the database is there."""

    def __init__(self, settings: Settings, pool: asyncpg.Pool, keyring: Keyring) -> None:
        """Errors: ConfigError."""
        check(settings)
        self.settings = settings
        self.pool = pool
        self.keyring = keyring
        #: For the page with its buttons; None when it is switched off.
        self.sandbox = _sandbox(settings, pool, keyring) if settings.payments.sandbox else None
        self._processors: dict[str, Processor] = {}
        self._asked: dict[UUID, float] = {}
        if settings.payments.stripe_secret_key:
            self._processors["stripe"] = _stripe(settings)
        if self.sandbox is not None:
            self._processors["sandbox"] = self.sandbox

    @property
    def active(self) -> Processor | None:
        """Who new orders go to: Stripe, else the sandbox, else nobody."""
        return self._processors.get("stripe") or self._processors.get("sandbox")

    def named(self, name: str) -> Processor | None:
        """Return the service that an order belongs to, None when it is switched off."""
        return self._processors.get(name)

    @property
    def processors(self) -> Mapping[str, Processor]:
        """Every service that is on, by its name."""
        return self._processors

    @property
    def freezes(self) -> bool:
        """Whether a workspace is frozen when the payer's bank takes a payment back."""
        return self.settings.payments.freeze_on_dispute

    def is_time_to_ask(self, recharge_id: UUID) -> bool:
        """Return whether a customer may have the service asked about an order now: not again and again."""
        now = time.monotonic()
        if now - self._asked.get(recharge_id, -_PAUSE_SECONDS) < _PAUSE_SECONDS:
            return False
        if len(self._asked) >= _MOST_REMEMBERED:
            self._asked.clear()
        self._asked[recharge_id] = now
        return True

    @property
    def actor(self) -> Actor:
        """Who acts when a service says that something happened."""
        return Actor("system:payments", "", self.keyring.derive(Purpose.AUDIT_CHAIN))

    async def close(self) -> None:
        for processor in self._processors.values():
            await processor.close()


def registry_of(request: Request) -> Registry:
    """Return the registry of the application behind a request. Errors: ServiceUnavailable before the database is."""
    state: Any = request.app.state
    registry: Registry | None = getattr(state, "checkout", None)
    if registry is None:
        if state.pool is None or state.keyring is None:
            raise ServiceUnavailable(retry_after=2)
        registry = state.checkout = Registry(state.settings, state.pool, state.keyring)
    return registry


#: The payment services, in a route of /api.
AtCheckout = Annotated[Registry, Depends(registry_of)]

# Stripe's library takes half a second and 16 MB: only who needs it loads it.


def _stripe(settings: Settings) -> Processor:
    from omna.payments.checkout.stripe_processor import StripeProcessor

    return StripeProcessor(settings.payments, settings.payments.stripe_secret_key.startswith(_LIVE))


def _sandbox(settings: Settings, pool: asyncpg.Pool, keyring: Keyring) -> "Sandbox":
    from omna.payments.checkout.sandbox import Sandbox

    return Sandbox(pool, keyring.derive(Purpose.SANDBOX_EVENTS), settings.server.public_url)
