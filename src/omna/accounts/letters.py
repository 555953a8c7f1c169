"""Mails about an account: written in the transaction of what they tell, in the person's language."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from omna.accounts import store
from omna.accounts.model import User
from omna.db.pool import Connection
from omna.mail import service as mail
from omna.mail.service import Kind


async def security(
    connection: Connection,
    kind: Kind,
    user: User,
    origin: str,
    values: Mapping[str, Any] | None = None,
    *,
    to: str | None = None,
) -> None:
    """Tell a person what happened to their account, when and from where. to: another address than theirs"""
    facts = {"name": user.name, "at": await store.now(connection), "origin": origin, **(values or {})}
    await mail.enqueue(connection, kind, to or user.email, user.language, facts, user_id=user.user_id)


async def plain(
    connection: Connection, kind: Kind, user: User, values: Mapping[str, Any], *, to: str | None = None
) -> UUID | None:
    """Write a mail to a person. Returns None when their address has had its share of this hour."""
    return await mail.enqueue(connection, kind, to or user.email, user.language, values, user_id=user.user_id)
