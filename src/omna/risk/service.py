"""Stop, freeze, limit and cap. Each holds for the next request on every replica once the transaction is committed."""

from types import EllipsisType

from omna.audit import service as audit
from omna.catalog import service as catalog
from omna.db.pool import Connection
from omna.errors import InvalidValue
from omna.ids import ProviderId, WorkspaceId, show
from omna.money import LARGEST_AMOUNT, Nanocredits, format_credits
from omna.risk import spending, store
from omna.risk.freezing import Ended, end_freezes, freeze, freeze_user, unfreeze, unfreeze_user
from omna.risk.model import Stop
from omna.risk.stopping import episodes, reach, resume, stop, stops
from omna.workspaces import service as workspaces

__all__ = [
    "Ended",
    "Stop",
    "cap_model",
    "cap_provider",
    "end_freezes",
    "episodes",
    "freeze",
    "freeze_user",
    "limit_daily",
    "limit_running",
    "lock_controls",
    "model_costs",
    "provider_costs",
    "reach",
    "resume",
    "stop",
    "stops",
    "unfreeze",
    "unfreeze_user",
]

_MOST_RUNNING = 100_000


async def lock_controls(connection: Connection) -> None:
    """Take the controls lock: first in a transaction that audits something before it changes a control."""
    await store.lock(connection)


async def limit_daily(
    connection: Connection,
    workspace_id: WorkspaceId,
    daily_limit: Nanocredits | None,
    *,
    reason: str = "",
    actor: audit.Actor,
) -> int:
    """Set what a workspace may spend in a UTC day; None is no limit. Returns the audit line.

    Errors  InvalidValue, NotFound
    """
    _check_amount(daily_limit)
    await store.lock(connection)
    before = await workspaces.get(connection, workspace_id)
    await workspaces.set_daily_limit(connection, workspace_id, daily_limit)
    return await audit.record(
        connection,
        actor,
        "workspace.limit",
        show("ws", workspace_id),
        reason=reason,
        before={"daily_limit": _shown(before.daily_limit)},
        after={"daily_limit": _shown(daily_limit)},
    )


async def limit_running(
    connection: Connection, workspace_id: WorkspaceId, max_running: int | None, *, reason: str = "", actor: audit.Actor
) -> int:
    """Set how many requests a workspace may have at a time; None is no limit. Returns the audit line.

    Errors  InvalidValue, NotFound
    """
    if max_running is not None and not 0 < max_running <= _MOST_RUNNING:
        raise InvalidValue(f"Requests at a time are a number from 1 to {_MOST_RUNNING:,}.", param="concurrency")
    await store.lock(connection)
    before = await workspaces.get(connection, workspace_id)
    await workspaces.set_max_running(connection, workspace_id, max_running)
    return await audit.record(
        connection,
        actor,
        "workspace.limit",
        show("ws", workspace_id),
        reason=reason,
        before={"max_running": before.max_running},
        after={"max_running": max_running},
    )


async def cap_provider(
    connection: Connection,
    name: str,
    daily_cap: Nanocredits | EllipsisType | None = ...,
    *,
    monthly_cap: Nanocredits | EllipsisType | None = ...,
    reason: str = "",
    actor: audit.Actor,
) -> int:
    """Set what may be spent at a provider in a UTC day and a UTC month, at provider cost; None is no cap, what is not
    given stays. Return the number of the audit row.

    Errors  InvalidValue, NotFound
    """
    for cap, field in ((daily_cap, "daily"), (monthly_cap, "monthly")):
        if cap is not ...:
            _check_amount(cap, field)
    provider = await catalog.find_provider(connection, name)
    # The month is summed before the controls lock: admission does not wait for it.
    begins = provider.monthly_cap is None and monthly_cap is not ... and monthly_cap is not None
    earlier = await spending.earlier_this_month(connection, provider.provider_id) if begins else []
    await store.lock(connection)
    provider = await catalog.find_provider(connection, name)
    daily = provider.daily_cap if daily_cap is ... else daily_cap
    monthly = provider.monthly_cap if monthly_cap is ... else monthly_cap
    await catalog.set_provider_caps(connection, provider.provider_id, daily, monthly)
    if monthly is not None:
        await store.count_month(connection, provider.provider_id, earlier)
    elif daily is not None:
        await store.count_provider(connection, provider.provider_id)
    return await audit.record(
        connection,
        actor,
        "provider.cap",
        name,
        reason=reason,
        before={"daily_cap": _shown(provider.daily_cap), "monthly_cap": _shown(provider.monthly_cap)},
        after={"daily_cap": _shown(daily), "monthly_cap": _shown(monthly)},
    )


async def cap_model(
    connection: Connection, model_id: str, daily_cap: Nanocredits | None, *, reason: str = "", actor: audit.Actor
) -> int:
    """Set what may be spent on a model in a UTC day, at provider cost; None is no cap. Return the audit row's number.

    Errors  InvalidValue, ModelNotFound
    """
    _check_amount(daily_cap)
    await store.lock(connection)
    model = await catalog.find_model(connection, model_id)
    await catalog.set_model_cap(connection, model_id, daily_cap)
    if daily_cap is not None:
        await store.count_model(connection, model_id)
    return await audit.record(
        connection,
        actor,
        "model.cap",
        model_id,
        reason=reason,
        before={"daily_cap": _shown(model.daily_cap)},
        after={"daily_cap": _shown(daily_cap)},
    )


async def model_costs(connection: Connection) -> dict[str, tuple[int, int]]:
    """Return what models that are counted cost today: spent and held, at provider cost."""
    return await store.model_costs(connection)


async def provider_costs(connection: Connection) -> dict[ProviderId, tuple[int, int]]:
    """Return what providers that are counted cost today: spent and held, at provider cost."""
    return await store.provider_costs(connection)


def _check_amount(amount: Nanocredits | None, field: str = "daily") -> None:
    if amount is not None and not 0 <= amount <= LARGEST_AMOUNT:
        raise InvalidValue("A limit is 0 Credits or more.", param=field)


def _shown(amount: int | None) -> str | None:
    return None if amount is None else format_credits(amount)
