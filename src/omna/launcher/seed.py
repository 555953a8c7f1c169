"""What a start leaves in the database: the catalogue of what is there, and, once, an owner who can begin."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omna.accounts import service as accounts
from omna.audit import service as audit
from omna.catalog import starter
from omna.config import Settings
from omna.db.pool import Connection, open_pool, transaction
from omna.errors import Forbidden, Unauthenticated
from omna.ids import TransferId, new_id
from omna.keys import service as keys
from omna.launcher import facts
from omna.launcher.facts import FirstRun
from omna.ledger import service as ledger
from omna.money import parse_credits
from omna.providers.local import LocalModel
from omna.vault import service as vault
from omna.vault.keyring import Purpose
from omna.workspaces import service as workspaces

OWNER_EMAIL = "owner@localhost"
ACTOR = "system:launcher"

# Two launchers with one database: the second finds what the first made.
_ADVISORY_LOCK = 5108_0002


@dataclass(frozen=True)
class Seeded:
    """What this start found or made. `facts` is None when somebody else set this installation up."""

    facts: FirstRun | None
    first: bool
    added: list[str]
    key_works: bool = True


async def seed(
    url: str, settings: Settings, environment: Mapping[str, str], model: LocalModel | None, *, demo: bool
) -> Seeded:
    """Bring the catalogue up to date, and give an empty installation its owner, Credits and key.

    model   the bundled model that is running, or None
    demo    False leaves an empty installation without people
    Errors  MasterKeyError, ServiceUnavailable
    """
    pool = await open_pool(url, settings.database, max_size=1)
    try:
        async with transaction(pool) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _ADVISORY_LOCK)
            keyring = await vault.open_keyring(connection, settings)
            actor = audit.Actor(ACTOR, "", keyring.derive(Purpose.AUDIT_CHAIN))
            added = await starter.stock(
                connection,
                environment=environment,
                usd_per_credit=settings.credits.usd_per_credit,
                local=model is not None,
                keyring=keyring,
                actor=actor,
            )
            if model is not None:
                await starter.set_local_endpoint(connection, model.address, model.key, keyring=keyring, actor=actor)
            path = settings.data / facts.FIRST_RUN
            known = facts.read(path, FirstRun)
            if known is not None and await accounts.find_by_email(connection, known.email) is not None:
                return Seeded(known, False, added, key_works=await _works(connection, known.key))
            if not demo or await accounts.approvers(connection):
                return Seeded(None, False, added)
            return Seeded(await _welcome(connection, settings, path, actor), True, added)
    finally:
        pool.terminate()


async def _welcome(connection: Connection, settings: Settings, path: Path, actor: audit.Actor) -> FirstRun:
    password = secrets.token_urlsafe(15)
    passwords = accounts.Passwords(threads=1)
    try:
        owner = await accounts.create_user(
            connection,
            OWNER_EMAIL,
            actor=actor,
            name="Owner",
            password=password,
            passwords=passwords,
            staff_role=accounts.StaffRole.OWNER,
        )
    finally:
        passwords.close()
    workspace = await workspaces.create_personal(connection, owner.user_id, "Personal", risk=settings.risk, actor=actor)
    starter_credits = parse_credits(settings.credits.starter)
    if starter_credits:
        await ledger.grant_promo(
            connection,
            transfer_id=TransferId(new_id()),
            workspace_id=workspace.workspace_id,
            amount=starter_credits,
            expires_at=None,
            actor=ACTOR,
            reason="starter Credits of a new installation",
        )
    _, key = await keys.issue(connection, workspace.workspace_id, "first key", actor=actor, created_by=owner.user_id)
    first = FirstRun(OWNER_EMAIL, password, key)
    # Before the commit: a file about an owner who never came to be is harmless, an owner nobody can sign in as is not.
    facts.write(path, first)
    return first


async def _works(connection: Connection, key: str) -> bool:
    try:
        await keys.authenticate(connection, key)
    except (Unauthenticated, Forbidden):
        return False
    return True
