"""A history that rules are tried on: workspaces of any age, sums of usage, and events, as they come to be."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from omna.ids import UserId, WorkspaceId, new_id
from omna.money import NANO_PER_CREDIT
from omna.risk.rules import parameters, store
from omna.risk.rules.model import Kind, Outcome, Rule, Severity

HOUR = timedelta(hours=1)


def rule_of(kind: str, **changes: Any) -> Rule:
    """Return a rule with the parameters of its kind as they are at first; `parameters` are laid over them."""
    known = Kind(kind)
    initial = {name: spec.initial for name, spec in parameters.PARAMETERS[known].items()}
    if known is Kind.SPEND_VELOCITY:
        initial["times"] = None
    given: Mapping[str, Any] = changes.pop("parameters", {})
    values: dict[str, Any] = {
        "rule_id": new_id(), "version": 1, "kind": known, "name": kind, "enabled": True, "outcome": Outcome.FLAG,
        "limit_to": None, "severity": Severity.MEDIUM, "new_accounts_days": None, "cooldown_hours": 24,
        "parameters": parameters.checked(known, {**initial, **given}),
    }  # fmt: skip
    return Rule(**{**values, **changes})


@dataclass
class Past:
    """Writes history by the tables' owner. `now` is the hour that runs."""

    connection: asyncpg.Connection
    now: datetime
    hours: dict[datetime, list[tuple[WorkspaceId, str, int]]] = field(default_factory=dict)

    async def forget_rules(self) -> None:
        """Leave no rule but those a test makes, and judge from the beginning of time."""
        await self.connection.execute("DELETE FROM risk_rules")
        await self.connection.execute("UPDATE risk_state SET events_until = 0")

    async def rule(self, rule: Rule) -> Rule:
        await store.add_version(self.connection, rule, "cli:tester", "test")
        return rule

    async def workspace(self, *, days: int = 100, owner: str = "") -> WorkspaceId:
        """A personal workspace that was made some days ago, with its person."""
        user_id, workspace_id = new_id(), WorkspaceId(new_id())
        address = f"{owner or user_id.hex}@example.com"
        await self.connection.execute(
            "INSERT INTO users (user_id, email, email_normalized, name, email_verified_at, approved_at)"
            " VALUES ($1, $2, $2, $3, now(), now())",
            user_id, address, owner.title(),
        )  # fmt: skip
        await self.connection.execute(
            "INSERT INTO workspaces (workspace_id, kind, name, personal_user_id, created_at)"
            " VALUES ($1, 'personal', $2, $3, $4::timestamptz - make_interval(days => $5))",
            workspace_id, owner.title() or "Personal", user_id, self.now, days,
        )  # fmt: skip
        await self.connection.execute(
            "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'owner')", workspace_id, user_id
        )
        await self.connection.execute("INSERT INTO wallets (workspace_id) VALUES ($1)", workspace_id)
        return workspace_id

    def use(self, workspace_id: WorkspaceId, hours_ago: int, amount: int, model: str = "small") -> None:
        """Plan usage of an hour; `close` writes it."""
        hour = self.now - hours_ago * HOUR
        self.hours.setdefault(hour, []).append((workspace_id, model, amount * NANO_PER_CREDIT))

    async def close(self, since: datetime, until: datetime) -> None:
        """Sum the hours in [since, until), with their days, as the job does."""
        hour = since
        while hour < until:
            for workspace_id, model, charge in self.hours.get(hour, []):
                await self.connection.execute(
                    "INSERT INTO usage_sums SELECT $1, 'h', $2, 1, $4, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 'api',"
                    " 'completed', $3",
                    workspace_id, hour, model, charge,
                )  # fmt: skip
            hour += HOUR
            if hour.hour == 0:
                await self.connection.execute("SELECT usage_sum_day($1)", hour - 24 * HOUR)
        await self.connection.execute("UPDATE usage_state SET summed_until = $1", until)

    async def event(
        self, kind: str, workspace_id: WorkspaceId, at: datetime, marker: str = "", user_id: UserId | None = None
    ) -> None:
        await self.connection.execute(
            "INSERT INTO risk_events (kind, workspace_id, user_id, marker, at, subject_id)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            kind, workspace_id, user_id, marker, at, new_id(),
        )  # fmt: skip

    async def hits(self, rule_id: UUID) -> list[tuple[WorkspaceId, str, Any]]:
        """Return workspace, window and numbers of what a rule found."""
        rows = await self.connection.fetch(
            "SELECT workspace_id, window_key, numbers FROM risk_hits WHERE rule_id = $1 ORDER BY at, workspace_id",
            rule_id,
        )
        return [(WorkspaceId(row["workspace_id"]), row["window_key"], row["numbers"]) for row in rows]


@asynccontextmanager
async def past_of(database_url: str) -> AsyncIterator[Past]:
    """A connection of the owner of the tables."""
    from omna.config import Database
    from omna.db.pool import open_connection

    connection = await open_connection(database_url, Database(), role="omna_owner")
    try:
        now: datetime = await connection.fetchval("SELECT date_trunc('hour', clock_timestamp(), 'UTC')")
        yield Past(connection, now.astimezone(UTC))
    finally:
        connection.terminate()
