"""/api/console/price-lists: take a provider's list of models and prices over, row by row."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

import asyncpg
from fastapi import Request

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.catalog import imports
from omna.catalog import service as catalog
from omna.catalog.price_changes import Line, moves_of
from omna.catalog.price_list import Listed, Refused, Terms, read_list
from omna.console.model_schemas import (
    PriceListApplied,
    PriceListDone,
    PriceListPreview,
    PriceListRow,
    PriceListWanted,
    PriceMove,
)
from omna.db.pool import borrow, transaction
from omna.errors import InvalidValue
from omna.http.access import AtPool, Confirm, StaffCan
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.providers.base import Failure
from omna.providers.egress import EgressRefused
from omna.providers.model_list import fetch_models

router = Router(prefix="/api/console/price-lists", tags=["console"])

Owner = Annotated[Person, StaffCan(StaffRight.OWN)]


@router.post("/preview")
async def preview_price_list(body: PriceListWanted, who: Owner, pool: AtPool, http: Request) -> PriceListPreview:
    """Return what a list would change here, row by row. Nothing is written."""
    terms, listed, refused = await _read(body, pool, http)
    async with borrow(pool) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        lines = await imports.preview(connection, body.provider, listed, refused, terms)
        losing = await imports.losing(connection, lines)
    return PriceListPreview(
        digest=imports.digest_of(lines),
        rows=[_row(line, losing) for line in lines if line.what != "unchanged"],
        unchanged=sum(line.what == "unchanged" for line in lines),
    )


@router.post("")
async def apply_price_list(
    body: PriceListApplied, who: Owner, pool: AtPool, confirm: Confirm, act: Act, http: Request
) -> PriceListDone:
    """Write the chosen rows of a list, after a step-up for `model.import`. What has changed since is refused.

    Each model has its own line in the audit log; the number is that of the import as a whole.
    """
    terms, listed, refused = await _read(body, pool, http)
    chosen = set(body.chosen)
    async with transaction(pool) as connection:
        await confirm(connection, who, "model.import", body.provider)
        lines = await imports.import_list(
            connection,
            body.provider,
            listed,
            refused,
            terms,
            actor=act(who),
            reason=body.reason,
            chosen=chosen,
            expected=body.digest,
        )
        written = [line for line in lines if line.what == "new" or line.route is not None]
        if unknown := chosen - {line.model_id for line in written}:
            raise InvalidValue(f"{min(unknown)!r} is no row that can be written.", param="chosen")
        # Costs alone are facts; a price below them is a choice that is not offered.
        below = await imports.losing(connection, [line for line in written if line.prices is not None])
        if below:
            raise InvalidValue(f"{min(below)!r} would be sold below cost.", param="chosen")
        seq = await audit.record(
            connection,
            act(who),
            "model.import",
            body.provider,
            reason=body.reason,
            after={
                "models": sorted(chosen),
                "markup": body.markup,
                "free": body.free,
                "list": "given" if body.content is not None else "published",
            },
        )
    return PriceListDone(written=sorted(chosen), audit_seq=seq)


async def _read(
    body: PriceListWanted, pool: asyncpg.Pool, http: Request
) -> tuple[Terms, Sequence[Listed], Sequence[Refused]]:
    """Return a list as it was given or is published; no transaction is open while a provider is asked."""
    settings = http.app.state.settings
    terms = Terms(Decimal(settings.credits.usd_per_credit), Decimal(body.markup), body.free)
    if body.content is not None:
        content = body.content.encode()
    else:
        async with borrow(pool) as connection:
            provider = await catalog.find_provider(connection, body.provider)
        if provider.kind != "openai":
            raise InvalidValue(
                f"A provider of kind {provider.kind} publishes no prices; paste its list.", param="content"
            )
        try:
            content = await fetch_models(catalog.endpoint(provider, http.app.state.keyring))
        except (Failure, EgressRefused) as failure:
            raise InvalidValue(f"The list of {provider.name} cannot be read: {failure}.", param="content") from None
    listed, refused = read_list(content, terms, body.match)
    return terms, listed, refused


def _row(line: Line, losing: set[str]) -> PriceListRow:
    before = None if line.route is None else line.route.costs
    cost_moves = {} if line.costs is None else moves_of(before, line.costs)
    return PriceListRow(
        id=line.model_id,
        change=line.what,
        why=line.reason,
        moves=_moves(line.moves),
        cost_moves=_moves(cost_moves),
        below_cost=line.model_id in losing,
    )


def _moves(moves: dict[str, tuple[int | None, int]]) -> list[PriceMove]:
    return [PriceMove(name=name, now=old, then=new) for name, (old, new) in moves.items()]
