"""The receipt of a request under /api: what it used × what that cost then, and what the ledger booked.

It is here, and not in usage, because the arithmetic is the gateway's: there is one.
"""

from typing import Annotated
from uuid import UUID

from omna.catalog import service as catalog
from omna.catalog.model import PriceVersion
from omna.db.pool import Connection
from omna.errors import NotFound
from omna.gateway.model import UNITS, Tokens
from omna.gateway.receipt import receipt_lines
from omna.http.access import Can, Reading
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.ids import TransferId, parse, show
from omna.ledger import service as ledger
from omna.money import format_decimal
from omna.usage import reports, service
from omna.usage.bodies import request_row
from omna.usage.model import RequestRecord
from omna.usage.query import narrowed
from omna.usage.report_model import Detail, Filter
from omna.usage.schemas import Attempt, Receipt, ReceiptLine

router = Router(prefix="/api", tags=["usage"])

#: Exact parts of a charge have fifteen decimals of a Credit.
_PART_DECIMALS = 15


@router.get("/workspaces/{workspace}/usage/requests/{request}")
async def usage_receipt(
    request: str, who: Annotated[Member, Can(Right.OWN_USAGE, Right.ALL_USAGE)], connection: Reading
) -> Receipt:
    """Return how a request was billed, by its id or by that of its answer."""
    try:
        request_id = parse(request, "req", "chatcmpl", "cmpl", "resp", "msg", "modr")
    except ValueError:
        raise NotFound("There is no such request.") from None
    async with reports.one_view(connection):
        found = await reports.one(connection, who.workspace_id, request_id, await narrowed(connection, who, Filter()))
        if found is None:
            raise NotFound("There is no such request.")
        return await _receipt(connection, who, request_id, found)


async def _receipt(connection: Connection, who: Member, request_id: UUID, found: Detail) -> Receipt:
    record = await service.find(connection, who.workspace_id, request_id)
    price = await catalog.price_version(connection, found.price_version_id)  # type: ignore[arg-type]
    transfers = await ledger.transfer_ids_of_hold(connection, who.workspace_id, TransferId(request_id))
    settled = record if isinstance(record, RequestRecord) else None
    return Receipt(
        **request_row(found).model_dump(exclude={"cost", "time"}),
        cost=found.charge,
        time=request_row(found).time,
        wanted_model=(settled and settled.wanted_model) or found.model_id,
        price_version=show("pv", price.price_version_id),
        price_since=price.effective_from,
        lines=[] if settled is None or not settled.unrounded else _lines(settled, price),
        unrounded=_part(0 if settled is None else settled.unrounded),
        held=found.held,
        released=0 if settled is None else found.held - found.charge,
        attempts=[] if settled is None else _attempts(settled),
        ledger=[show("tr", transfer) for transfer in transfers],
        running=settled is None,
    )


def _lines(record: RequestRecord, price: PriceVersion) -> list[ReceiptLine]:
    tokens = Tokens(
        record.prompt_tokens,
        record.completion_tokens,
        record.cached_tokens,
        record.cache_write_tokens,
        record.reasoning_tokens,
        **{UNITS[name]: count for name, count in (record.units or {}).items()},
    )
    return [
        ReceiptLine(
            name=line.name, count=line.count, unit=line.unit, price=line.price, per=line.per, cost=_part(line.cost)
        )
        for line in receipt_lines(tokens, price.rates, record.unrounded)
    ]


def _attempts(record: RequestRecord) -> list[Attempt]:
    before = [
        Attempt(
            provider=str(attempt.get("provider_name") or ""),
            status=attempt.get("status"),
            latency_ms=attempt.get("latency"),
            answered=False,
        )
        for attempt in record.attempts or ()
    ]
    if record.outcome == "failed" and before:
        return before
    last = Attempt(
        provider=record.provider_name,
        status=None if record.error_code else 200,
        latency_ms=record.first_delta_ms,
        answered=record.first_delta_ms is not None or record.error_code is None,
    )
    return [*before, last]


def _part(amount: int) -> str:
    return format_decimal(amount, _PART_DECIMALS)
