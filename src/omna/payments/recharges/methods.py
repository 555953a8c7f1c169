"""Ways to pay by hand: data that staff edit and customers read in their language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from omna import names
from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import InvalidValue, NotFound
from omna.ids import new_id, show
from omna.payments.recharges import method_store as store
from omna.risk.model import check_reason

_LONGEST_NAME, _LONGEST_INSTRUCTIONS, _LONGEST_HOURS = 80, 2000, 24 * 30


@dataclass(frozen=True, slots=True)
class Method:
    """A way to pay. Lines `Label: value` of the instructions can be copied."""

    method_id: UUID
    name: str
    name_zh: str
    instructions: str
    instructions_zh: str
    currency: str
    usual_hours: int
    position: int
    retired_at: datetime | None

    def name_in(self, language: str | None) -> str:
        return self.name_zh if language == "zh" and self.name_zh else self.name

    def instructions_in(self, language: str | None) -> str:
        return self.instructions_zh if language == "zh" and self.instructions_zh else self.instructions


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """A way to pay as staff write it."""

    name: str
    name_zh: str
    instructions: str
    instructions_zh: str
    currency: str
    usual_hours: int
    position: int
    retired: bool


async def offered(connection: Connection, currency: str) -> list[Method]:
    """Return the ways to pay in a currency, in their order."""
    return [one for one in await every(connection) if one.retired_at is None and one.currency == currency]


async def every(connection: Connection) -> list[Method]:
    """Return all ways to pay, also those that are not offered any more."""
    return [_method(row) for row in await store.every(connection)]


async def get(connection: Connection, method_id: UUID) -> Method:
    """Return a way to pay. Errors: NotFound."""
    row = await store.get(connection, method_id)
    if row is None:
        raise NotFound("There is no such payment method.")
    return _method(row)


async def add(connection: Connection, facts: MethodFacts, *, reason: str, actor: audit.Actor) -> tuple[Method, int]:
    """Add a way to pay; returns it and the number of its row in the audit log. Errors: InvalidValue."""
    reason = check_reason(reason)
    facts = _checked(facts)
    method_id = new_id()
    await store.add(connection, method_id, facts)
    seq = await audit.record(
        connection, actor, "payment_method.create", show("mth", method_id), reason=reason, after=_shown(facts)
    )
    return await get(connection, method_id), seq


async def change(
    connection: Connection, method_id: UUID, changes: dict[str, Any], *, reason: str, actor: audit.Actor
) -> tuple[Method, int]:
    """Change a way to pay; orders that were made with it show it as it is now. Errors: InvalidValue, NotFound."""
    reason = check_reason(reason)
    before = _facts(await get(connection, method_id))
    after = _checked(MethodFacts(**(_shown(before) | changes)))
    await store.change(connection, method_id, after)
    seq = await audit.record(
        connection,
        actor,
        "payment_method.change",
        show("mth", method_id),
        reason=reason,
        before=_shown(before),
        after=_shown(after),
    )
    return await get(connection, method_id), seq


def _facts(method: Method) -> MethodFacts:
    return MethodFacts(
        method.name,
        method.name_zh,
        method.instructions,
        method.instructions_zh,
        method.currency,
        method.usual_hours,
        method.position,
        method.retired_at is not None,
    )


def _shown(facts: MethodFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in MethodFacts.__dataclass_fields__}


def _checked(facts: MethodFacts) -> MethodFacts:
    name, name_zh = names.one_line(facts.name), names.one_line(facts.name_zh, param="name_zh")
    if not 0 < len(name) <= _LONGEST_NAME or len(name_zh) > _LONGEST_NAME:
        raise InvalidValue(f"A payment method needs a name of at most {_LONGEST_NAME} characters.", param="name")
    texts = (facts.instructions.strip(), facts.instructions_zh.strip())
    if not texts[0] or max(map(len, texts)) > _LONGEST_INSTRUCTIONS:
        raise InvalidValue(f"Say where to pay, in at most {_LONGEST_INSTRUCTIONS} characters.", param="instructions")
    currency = facts.currency.strip().lower()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise InvalidValue("A currency is three letters such as usd.", param="currency")
    if not 0 < facts.usual_hours <= _LONGEST_HOURS:
        raise InvalidValue(f"The usual time is from 1 to {_LONGEST_HOURS} hours.", param="usual_hours")
    if not -1000 <= facts.position <= 1000:
        raise InvalidValue("A position is from -1000 to 1000.", param="position")
    return MethodFacts(name, name_zh, *texts, currency, facts.usual_hours, facts.position, facts.retired)


def _method(row: Record) -> Method:
    return Method(**row)
