"""Arriving: an account, its workspace, a proven address, the first Credits.

Somebody who signs up can sign in at once; nothing can be spent before their address is proven, and where staff look at
every account, before they said yes. Starter Credits come with the proof of the address, once for a person and once
for a mailbox: what an account that was deleted got is remembered as a keyed digest of its address.
"""

import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

from omna.accounts import policy, verification
from omna.accounts import service as accounts
from omna.accounts import sign_up as signing_up
from omna.accounts.desk import Desk
from omna.accounts.model import Client, User
from omna.accounts.sign_up import SignUp
from omna.accounts.verification import Verified
from omna.audit import service as audit
from omna.db.pool import Connection, borrow, transaction
from omna.errors import EmergencyStop
from omna.ids import SessionId, TransferId, UserId, WorkspaceId, show
from omna.ledger import service as ledger
from omna.mail import service as mail
from omna.membership import store
from omna.money import format_credits
from omna.risk import refusals
from omna.risk import service as risk
from omna.risk.rules import service as rules
from omna.vault.keyring import Keyring, Purpose
from omna.workspaces import service as workspaces
from omna.workspaces.model import Workspace

#: Stops that keep new people out.
_STOPS = frozenset({"all", "signup"})


async def is_stopped(connection: Connection) -> bool:
    """Return whether an emergency stop keeps new people out."""
    return any(stop.scope in _STOPS for stop in await risk.stops(connection))


async def require_open(connection: Connection) -> None:
    """Errors: EmergencyStop while staff keep new people out."""
    found = next((stop for stop in await risk.stops(connection) if stop.scope in _STOPS), None)
    if found is not None:
        refusals.note(found.scope)
        raise EmergencyStop(
            f"New accounts cannot be made at the moment. {found.message}".rstrip(), metadata={"scope": found.scope}
        )


async def sign_up(desk: Desk, request: SignUp, client: Client) -> None:
    """Make an account with its workspace, or mail its owner that there is one; the caller cannot tell which.

    Errors  InvalidValue, TooManyAttempts, SignUpClosed, EmergencyStop
    """
    async with borrow(desk.pool) as connection:
        await require_open(connection)

    async def then(connection: Connection, user: User) -> None:
        await welcome(connection, desk, user, origin=client.origin)

    await signing_up.sign_up(desk, request, client, then)


async def welcome(connection: Connection, desk: Desk, user: User, *, origin: str) -> Workspace:
    """Give a new person their workspace, in the transaction that made them; and Credits, or a mail with a link.

    Errors  TooManyAttempts
    """
    actor = desk.actor(user.user_id, origin)
    workspace = await workspaces.create_personal(
        connection,
        user.user_id,
        (user.name or user.email)[:100],
        risk=desk.settings.risk,
        actor=actor,
        pending=waits_for(user),
    )
    if user.verified:
        await rules.note_sign_up(connection, user.user_id, workspace.workspace_id, origin)
        await _grant_starter_credits(connection, desk, user, workspace.workspace_id, actor)
    else:
        await verification.send(connection, desk, user, origin=origin)
    return workspace


async def verify(desk: Desk, token: str, *, origin: str, session_id: SessionId | None = None) -> Verified:
    """Take the proof of an address. The first one of a person opens their workspace and brings the starter Credits.

    session_id  the session of the browser that shows the link, if any: it survives a change of address
    Errors      LinkExpired
    """
    async with transaction(desk.pool) as connection:
        verified = await verification.verify(connection, desk, token, origin=origin, session_id=session_id)
        if verified.first:
            await settle_in(connection, desk, verified.user.user_id, origin=origin)
    return verified


async def settle_in(connection: Connection, desk: Desk, user_id: UserId, *, origin: str) -> None:
    """Open the workspace of a person whose address was proven for the first time, and grant the starter Credits."""
    user = await accounts.get(connection, user_id)
    actor = desk.actor(user_id, origin)
    await workspaces.set_pending(connection, user_id, waits_for(user))
    personal = await workspaces.find(connection, user.email)
    await rules.note_sign_up(connection, user_id, personal.workspace_id, origin)
    await _grant_starter_credits(connection, desk, user, personal.workspace_id, actor)


async def approve(connection: Connection, user: User, *, actor: audit.Actor) -> bool:
    """Let somebody in whom staff looked at; they hear of it by mail. False when they were in already."""
    if not await accounts.approve(connection, user.user_id, actor=actor):
        return False
    approved = await accounts.get(connection, user.user_id)
    await workspaces.set_pending(connection, user.user_id, waits_for(approved))
    await mail.enqueue(
        connection,
        "access_decision",
        approved.email,
        approved.language,
        {"name": approved.name, "decision": "approved", "reason": ""},
        user_id=approved.user_id,
    )
    return True


def waits_for(user: User) -> str | None:
    """Return what a person still waits for before anything can be spent: `verification`, `approval`, or nothing."""
    if not user.verified:
        return "verification"
    return None if user.approved else "approval"


def starter_transfer(user_id: UserId) -> TransferId:
    """Return the id of the grant of a person: always the same, so that the ledger knows it when it comes twice."""
    mixed = hashlib.blake2b(b"starter credits" + user_id.bytes, digest_size=8).digest()
    # The person's own moment in front: ids stay in the order of time.
    low = (0b10 << 62) | (int.from_bytes(mixed) & ((1 << 62) - 1))
    return TransferId(UUID(int=(user_id.int >> 64 << 64) | low))


async def _grant_starter_credits(
    connection: Connection, desk: Desk, user: User, workspace_id: WorkspaceId, actor: audit.Actor
) -> None:
    gives = await policy.effective(connection, desk.settings.accounts)
    amount = gives.starter_credits
    if not amount:
        return
    if not await store.take_starter(connection, _mailbox_digests(desk.keyring, user.email_normalized)):
        return
    # From the moment of the proof: a grant that comes twice is the same to the last bit, and the ledger books it once.
    assert user.email_verified_at is not None, "Credits follow the proof of an address"
    expires_at = user.email_verified_at + timedelta(days=gives.starter_days)
    transfer_id = starter_transfer(user.user_id)
    await ledger.grant_promo(
        connection,
        transfer_id=transfer_id,
        workspace_id=workspace_id,
        amount=amount,
        expires_at=expires_at,
        actor="system:arrival",
        reason="starter Credits",
    )
    await audit.record(
        connection,
        actor,
        "credits.starter",
        show("ws", workspace_id),
        after={"transfer": str(transfer_id), "amount": format_credits(amount), "expires_at": expires_at},
    )


def _mailbox_digests(keyring: Keyring, email_normalized: str) -> list[bytes]:
    """Return what is remembered of a mailbox, the current key's first: what stands behind a plus is the same one."""
    local, _, domain = email_normalized.rpartition("@")
    mailbox = f"{local.partition('+')[0] or local}@{domain}".encode()
    ids = [keyring.current_id, *(key_id for key_id in keyring.ids if key_id != keyring.current_id)]
    return [hmac.digest(keyring.derive(Purpose.STARTER_ADDRESSES, key_id), mailbox, "sha256") for key_id in ids]
