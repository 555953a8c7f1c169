"""What a bank may be told about a disputed payment: who bought, what was used after it, from where, on which terms.

Sums only: no text that anybody sent to a model, no name of a member but the account's own.
"""

import asyncio
from datetime import datetime
from pathlib import Path

import msgspec
import typst
from asyncpg import Record
from pydantic import Field

from omna.accounts import service as accounts
from omna.clock import iso
from omna.db.pool import Connection
from omna.http.values import Amount, Moment, MoneyOut, Output
from omna.ids import DisputeId, UserId, show
from omna.ledger.statement_files import exact
from omna.money import format_credits
from omna.payments.disputes import service, store
from omna.payments.recharges.quote import format_minor
from omna.usage import reports

_TEMPLATE = Path(__file__).with_name("evidence.typ")
#: PDFs made at once by a process: each takes a processor for a moment.
_MAKING = asyncio.Semaphore(1)


class EvidenceAccount(Output):
    """Who bought."""

    email: str | None
    created_at: Moment | None
    email_verified_at: Moment | None
    terms_version: str | None = Field(description="Accepted at sign-up.")


class EvidencePayment(Output):
    """The payment in question, or another one of the workspace."""

    id: str
    reference: str
    state: str
    channel: str
    processor: str | None
    test_mode: bool
    ordered_at: Moment
    terms_version: str = Field(description="Accepted with the order.")
    total: MoneyOut
    credits: Amount
    payment_id: str | None
    received: MoneyOut | None
    received_at: Moment | None


class EvidenceUse(Output):
    """What was used on a UTC day with a model."""

    day: str
    model: str
    requests: int
    charge: Amount


class EvidenceSignIn(Output):
    """When the account signed in, and from which network address."""

    at: Moment
    origin: str


class Evidence(Output):
    """Everything about a disputed payment."""

    dispute: str
    state: str
    reason: str
    amount: MoneyOut
    made_at: Moment
    operator: str
    workspace: str
    account: EvidenceAccount
    order: EvidencePayment
    used_since: Amount = Field(description="Charged for requests after the payment.")
    requests_since: int
    usage: list[EvidenceUse]
    sign_ins: list[EvidenceSignIn]
    orders: list[EvidencePayment]


async def collect(connection: Connection, dispute_id: DisputeId, *, operator: str) -> Evidence:
    """Return the evidence of a dispute. Errors: NotFound."""
    dispute = await service.find(connection, dispute_id)
    orders = await store.orders_of(connection, dispute.workspace_id)
    row = next(one for one in orders if one["recharge_id"] == dispute.recharge_id)
    user_id = await store.owner_of(connection, dispute.workspace_id, row["created_by"])
    now = await reports.now(connection)
    since: datetime = row["received_at"] or row["created_at"]
    used = await reports.days_of_models(connection, dispute.workspace_id, since, now)
    return Evidence(
        dispute=show("dsp", dispute.dispute_id),
        state=dispute.state,
        reason=dispute.reason,
        amount=MoneyOut(minor=dispute.amount_minor, currency=dispute.currency),
        made_at=now,
        operator=operator,
        workspace=show("ws", dispute.workspace_id),
        account=await _account(connection, user_id),
        order=_payment(row),
        used_since=sum(day.charge for day in used),
        requests_since=sum(day.requests for day in used),
        usage=[
            EvidenceUse(day=f"{day.day:%Y-%m-%d}", model=day.model_id, requests=day.requests, charge=day.charge)
            for day in used
        ],
        sign_ins=await _sign_ins(connection, user_id, since),
        orders=[_payment(one) for one in orders],
    )


async def pdf(pack: Evidence) -> bytes:
    """Return the evidence as a document."""
    async with _MAKING:
        return await asyncio.to_thread(_compile, _printed(pack))


async def _account(connection: Connection, user_id: UserId | None) -> EvidenceAccount:
    user = None if user_id is None else await accounts.find(connection, user_id)
    return EvidenceAccount(
        email=None if user is None else user.email,
        created_at=None if user is None else user.created_at,
        email_verified_at=None if user is None else user.email_verified_at,
        terms_version=None if user is None else user.terms_version,
    )


async def _sign_ins(connection: Connection, user_id: UserId | None, since: datetime) -> list[EvidenceSignIn]:
    if user_id is None:
        return []
    return [EvidenceSignIn(at=at, origin=origin) for at, origin in await store.sign_ins(connection, user_id, since)]


def _payment(row: Record) -> EvidencePayment:
    received = None
    if row["amount_minor"] is not None:
        received = MoneyOut(minor=row["amount_minor"], currency=row["currency"])
    return EvidencePayment(
        id=show("rch", row["recharge_id"]),
        reference=row["reference"],
        state=row["state"],
        channel=row["channel"],
        processor=row["processor"],
        test_mode=row["test_mode"],
        ordered_at=row["created_at"],
        terms_version=row["terms_version"],
        total=MoneyOut(minor=row["total_minor"], currency=row["currency"]),
        credits=row["credits"],
        payment_id=row["payment_id"],
        received=received,
        received_at=row["received_at"],
    )


def _printed(pack: Evidence) -> str:
    order = pack.order
    data = {
        "operator": pack.operator,
        "reference": order.reference,
        "dispute": pack.dispute,
        "made_at": _moment(pack.made_at),
        "facts": [
            ["Disputed amount", format_minor(pack.amount.minor, pack.amount.currency)],
            ["Reason given", pack.reason],
            ["Order", f"{order.reference} of {_moment(order.ordered_at)}"],
            ["Paid", _received(order)],
            ["Payment", f"{order.processor or order.channel} {order.payment_id or ''}".strip()],
            ["Credits bought", exact(order.credits)],
            ["Terms accepted", f"version {order.terms_version}, {_moment(order.ordered_at)}"],
            ["Account", pack.account.email or "deleted"],
            ["Account made", _moment(pack.account.created_at)],
            ["Address verified", _moment(pack.account.email_verified_at)],
            ["Used since", f"{exact(pack.used_since)} Credits in {pack.requests_since:,} requests"],
        ],
        "usage": [[use.day, use.model, f"{use.requests:,}", exact(use.charge)] for use in pack.usage],
        "sign_ins": [[_moment(one.at), one.origin] for one in pack.sign_ins],
        "orders": [
            [one.reference, _moment(one.ordered_at), one.state, _received(one), format_credits(one.credits)]
            for one in pack.orders
        ],
    }
    return msgspec.json.encode(data).decode()


def _received(order: EvidencePayment) -> str:
    if order.received is None:
        return "nothing arrived"
    return f"{format_minor(order.received.minor, order.received.currency)}, {_moment(order.received_at)}"


def _moment(moment: datetime | None) -> str:
    return "—" if moment is None else iso(moment)[:16].replace("T", " ") + " UTC"


def _compile(data: str) -> bytes:
    made = typst.compile(_TEMPLATE, sys_inputs={"data": data})
    assert isinstance(made, bytes), "one PDF is one file"
    return made
