"""New prices, as staff set them: planned with every guard, then written as a version of their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from omna.audit import service as audit
from omna.catalog import store
from omna.catalog.margins import check_free, check_margin
from omna.catalog.model import Model, PriceVersion, Rates, check_prices
from omna.catalog.service import find_model, rate_facts
from omna.catalog.versions import Dated, history
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.ids import PriceVersionId, new_id, show

__all__ = ["Plan", "Wanted", "plan", "set_price", "versions", "withdraw"]

#: A price that is further away is a slip of the year.
LONGEST_NOTICE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A price to be.

    free            whether a 0 was chosen
    effective_from  None: at once
    replaces        an announced version that it takes the place of
    """

    prices: Rates
    free: bool = False
    effective_from: datetime | None = None
    replaces: PriceVersionId | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A price that every guard let pass, the model as it is, and the version it takes the place of."""

    model: Model
    wanted: Wanted
    replaced: PriceVersion | None


async def versions(connection: Connection, model_id: str) -> list[Dated]:
    """Return every price a model was given, newest first, with what became of it."""
    return history(await store.price_versions(connection, model_id), await store.clock(connection))


async def plan(connection: Connection, model_id: str, wanted: Wanted) -> Plan:
    """Return what a new price would change. Nothing is written.

    Errors  ModelNotFound; InvalidValue for a price that is missing, below cost, 0 by accident or without a change, and
            for a moment in the past; Conflict for an announced version that has taken effect or was taken back
    """
    model = await find_model(connection, model_id)
    check_prices(model.endpoints, model.output_modalities, wanted.prices)
    check_free(model, wanted.prices, free=wanted.free)
    check_margin(model, wanted.prices)
    at = await store.clock(connection)
    if wanted.effective_from is not None and not at < wanted.effective_from <= at + LONGEST_NOTICE:
        raise InvalidValue("A price takes effect now or within a year, never in the past.", param="effective_from")
    replaced = None if wanted.replaces is None else await _scheduled(connection, model_id, wanted.replaces)
    same = model.price is not None and model.price.rates == wanted.prices
    if same and wanted.effective_from is None and replaced is None:
        raise InvalidValue("These are the prices already.", param="prices")
    return Plan(model, wanted, replaced)


async def set_price(connection: Connection, model_id: str, wanted: Wanted, *, reason: str, actor: audit.Actor) -> int:
    """Write what `plan` allows and return its audit line. Running requests keep the price they began with.

    Errors  those of `plan`
    """
    await store.lock_controls(connection)
    planned = await plan(connection, model_id, wanted)
    if planned.replaced is not None:
        await _withdraw(connection, planned.replaced)
    version_id = PriceVersionId(new_id())
    moment = await store.add_price(connection, version_id, model_id, wanted.prices, wanted.effective_from)
    before = planned.model.price
    return await audit.record(
        connection,
        actor,
        "model.price",
        model_id,
        reason=reason,
        before=None if before is None else rate_facts(before.rates),
        after={
            **rate_facts(wanted.prices),
            "effective_from": moment,
            "version": show("pv", version_id),
            "replaces": None if planned.replaced is None else show("pv", planned.replaced.price_version_id),
        },
    )


async def withdraw(
    connection: Connection, model_id: str, version_id: PriceVersionId, *, reason: str, actor: audit.Actor
) -> int:
    """Take back an announced price and return its audit line. Errors: ModelNotFound, NotFound, Conflict."""
    await store.lock_controls(connection)
    await find_model(connection, model_id)
    version = await _scheduled(connection, model_id, version_id)
    await _withdraw(connection, version)
    return await audit.record(
        connection,
        actor,
        "model.price_withdraw",
        model_id,
        reason=reason,
        before={
            **rate_facts(version.rates),
            "effective_from": version.effective_from,
            "version": show("pv", version_id),
        },
    )


async def _scheduled(connection: Connection, model_id: str, version_id: PriceVersionId) -> PriceVersion:
    for one in await versions(connection, model_id):
        if one.version.price_version_id == version_id:
            if one.state != "scheduled":
                raise Conflict("This price has taken effect or was taken back meanwhile.")
            return one.version
    raise NotFound("There is no such price version.")


async def _withdraw(connection: Connection, version: PriceVersion) -> None:
    if not await store.withdraw_price(connection, version.price_version_id):
        raise Conflict("This price takes effect at this moment.")
