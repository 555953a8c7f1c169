"""An error becomes the body of /api: one shape for everything that can go wrong."""

from typing import Any

from pydantic import BaseModel, Field

from omna.clock import iso
from omna.errors import Limit, OmnaError
from omna.money import format_credits


class FieldProblem(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    message: str


class Bound(BaseModel):
    """The limit that refused the request, with the numbers that explain it."""

    name: str
    scope: str
    unit: str
    limit: str
    used: str
    held: str
    required: str
    available: str
    resets_at: str | None
    remedy: str


class Problem(BaseModel):
    """What happened, and what to do about it."""

    code: str
    message: str
    request_id: str
    field: str | None = Field(description="The field that is wrong, when it is one.")
    fields: list[FieldProblem] = Field(description="Every field that is wrong.")
    limit: Bound | None
    retry_after: float | None = Field(description="Seconds until a retry can succeed.")
    details: dict[str, Any]


class ErrorBody(BaseModel):
    """The body of every answer from 400 on."""

    error: Problem


def error_body(error: OmnaError, request_id: str, fields: list[FieldProblem] | None = None) -> ErrorBody:
    """Return the body of an error."""
    if fields is None:
        fields = [] if error.param is None else [FieldProblem(field=error.param, message=error.message)]
    return ErrorBody(
        error=Problem(
            code=error.code,
            message=error.message,
            request_id=request_id,
            field=error.param,
            fields=fields,
            limit=None if error.limit is None else _bound(error.limit),
            retry_after=error.retry_after,
            details=error.metadata,
        )
    )


def _bound(limit: Limit) -> Bound:
    def shown(amount: int) -> str:
        return format_credits(amount) if limit.unit == "credits" else str(amount)

    return Bound(
        name=limit.name,
        scope=limit.scope,
        unit=limit.unit,
        limit=shown(limit.limit),
        used=shown(limit.used),
        held=shown(limit.held),
        required=shown(limit.required),
        available=shown(limit.available),
        resets_at=None if limit.resets_at is None else iso(limit.resets_at),
        remedy=limit.remedy,
    )
