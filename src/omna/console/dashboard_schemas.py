"""Bodies of /api/console/dashboard."""

from typing import Literal

from pydantic import Field

from omna.http.values import Amount, Moment, Output

Waiting = Literal[
    "recharges", "refunds", "disputes", "payment_events", "credits", "tickets", "risk", "alerts", "sign_ups"
]
ChainState = Literal["whole", "broken", "unchecked"]


class DashboardDay(Output):
    """A UTC day. Amounts are null for who may not see money."""

    day: Moment
    requests: int
    errors: int
    recharged: Amount | None
    charged: Amount | None
    provider_cost: Amount | None


class DashboardMoney(Output):
    """What came in, what was charged, and what it cost."""

    recharged: Amount = Field(description="Credits that were bought; payments in test mode are left out.")
    charged: Amount
    provider_cost: Amount
    margin: Amount
    margin_percent: str | None = Field(description="Of what was charged; null: nothing was.")


class DashboardModel(Output):
    """A model, by what it was charged."""

    id: str
    address: str | None = Field(description="null: there is no such model any more.")
    requests: int
    errors: int
    charged: Amount | None
    provider_cost: Amount | None


class DashboardProvider(Output):
    """A provider: its calls, failed attempts included, and its cap."""

    name: str
    enabled: bool
    calls: int
    failures: int
    failed_percent: str | None
    charged: Amount | None
    provider_cost: Amount | None
    daily_cap: Amount | None
    spent_today: Amount | None
    held_today: Amount | None


class DashboardCap(Output):
    """A model with a cap: what of it is used today, at provider cost."""

    id: str
    address: str
    daily_cap: Amount
    spent_today: Amount
    held_today: Amount


class DashboardWaiting(Output):
    """What waits for somebody of the staff."""

    kind: Waiting
    waiting: int
    oldest: Moment | None


class DashboardChain(Output):
    """Whether a chain proves what it should."""

    name: Literal["ledger", "audit"]
    state: ChainState
    checked_at: Moment | None
    findings: int


class DashboardStop(Output):
    """An emergency stop in force."""

    scope: str
    reason: str
    cut_streams: bool
    since: Moment


class Dashboard(Output):
    """The state of the installation, and the last UTC days, today included."""

    days: int
    start: Moment
    end: Moment
    money: DashboardMoney | None = Field(description="null for who may not see money.")
    requests: int
    errors: int
    active_workspaces: int
    active_people: int = Field(description="Who made the keys that were used.")
    running: int = Field(description="Requests with an open hold.")
    held: Amount | None
    by_day: list[DashboardDay]
    models: list[DashboardModel] = Field(description="The ten that were charged most.")
    providers: list[DashboardProvider]
    model_caps: list[DashboardCap]
    below_cost: int | None = Field(description="Models that are sold below cost.")
    waiting: list[DashboardWaiting]
    chains: list[DashboardChain]
    stops: list[DashboardStop]
