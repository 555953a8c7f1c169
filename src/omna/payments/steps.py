"""The timeline of an order, a refund or a dispute: what happened, by whom, as customer and staff both see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from omna.db.pool import Connection
from omna.ids import WorkspaceId, new_id

StepActor = Literal["customer", "staff", "processor", "omna"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `note` is for the customer's eyes."""

    at: datetime
    step: str
    actor: str
    note: str


async def add(
    connection: Connection,
    workspace_id: WorkspaceId,
    subject_id: UUID,
    step: str,
    actor: StepActor,
    note: str = "",
) -> None:
    """Append a step in the transaction that takes it."""
    await connection.execute(
        "INSERT INTO payment_steps (workspace_id, step_id, subject_id, step, actor, note)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        workspace_id,
        new_id(),
        subject_id,
        step,
        actor,
        note,
    )


async def of(connection: Connection, workspace_id: WorkspaceId, subject_id: UUID) -> list[Step]:
    """Return the steps of a thing, oldest first."""
    rows = await connection.fetch(
        "SELECT at, step, actor, note FROM payment_steps WHERE workspace_id = $1 AND subject_id = $2"
        " ORDER BY at, step_id",
        workspace_id,
        subject_id,
    )
    return [Step(**row) for row in rows]
