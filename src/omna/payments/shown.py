"""What orders, refunds and disputes show alike."""

from typing import cast
from uuid import UUID

from omna.db.pool import Connection
from omna.ids import WorkspaceId
from omna.payments import steps
from omna.payments.schemas import Step
from omna.payments.steps import StepActor


async def timeline_of(connection: Connection, workspace_id: WorkspaceId, subject_id: UUID) -> list[Step]:
    """Return the timeline of a thing, oldest first."""
    return [
        Step(at=step.at, step=step.step, actor=cast(StepActor, step.actor), note=step.note)
        for step in await steps.of(connection, workspace_id, subject_id)
    ]
