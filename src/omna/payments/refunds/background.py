"""What a reviewer should know about who asks: what their requests cost, how long they are here, what was before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from omna.accounts import service as accounts
from omna.db.pool import Connection
from omna.ids import UserId
from omna.ledger import service as ledger
from omna.money import Nanocredits
from omna.payments.refunds import people, store
from omna.payments.refunds.model import Refund
from omna.usage import reports


@dataclass(frozen=True, slots=True)
class Background:
    """Facts about a workspace and the one who asks. provider_cost: of everything used since the order was made."""

    workspace_name: str
    email: str | None
    provider_cost: Nanocredits
    charged: Nanocredits
    requests_30d: int
    account_age_days: int | None
    disputes: int
    earlier_refunds: int
    frozen: str | None
    held: Nanocredits


async def background(connection: Connection, refund: Refund, ordered_at: datetime) -> Background:
    """Return what is known beside the money. ordered_at: when the recharge was ordered"""
    name, frozen = await store.workspace_of(connection, refund.workspace_id)
    wallet = await ledger.wallet(connection, refund.workspace_id)
    now = refund.read_at
    since = await reports.days_of_models(connection, refund.workspace_id, ordered_at, now)
    month = await reports.days_of_models(connection, refund.workspace_id, now - timedelta(days=30), now)
    person = None if refund.requested_by is None else await accounts.find(connection, UserId(refund.requested_by))
    counts = await store.counts(connection, refund)
    return Background(
        workspace_name=name,
        email=await people.email_of(connection, refund.workspace_id, refund.requested_by),
        provider_cost=Nanocredits(sum(day.provider_charge for day in since)),
        charged=Nanocredits(sum(day.charge for day in since)),
        requests_30d=sum(day.requests for day in month),
        account_age_days=None if person is None else (now - person.created_at).days,
        disputes=counts[0],
        earlier_refunds=counts[1],
        frozen=frozen,
        held=wallet.held,
    )
