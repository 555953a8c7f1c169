"""Browsers a person has signed in with before: a signed cookie names the browser, a table says whose it is."""

import hmac
from uuid import UUID

from omna.accounts import session_store as store
from omna.db.pool import Connection
from omna.ids import UserId, new_id
from omna.vault.keyring import Keyring, Purpose


def read(keyring: Keyring, cookie: str | None) -> UUID | None:
    """Return which browser a cookie names, or None when we did not write it."""
    name, _, signature = (cookie or "").partition(".")
    try:
        device_id = UUID(hex=name)
    except ValueError:
        return None
    for key_id in keyring.ids:
        if hmac.compare_digest(_sign(keyring, device_id, key_id), signature.encode(errors="replace")):
            return device_id
    return None


def write(keyring: Keyring, device_id: UUID) -> str:
    """Return the cookie of a browser."""
    return f"{device_id.hex}.{_sign(keyring, device_id, keyring.current_id).decode()}"


def make() -> UUID:
    """Return the id of a browser that is new here."""
    return new_id()


async def knows(connection: Connection, user_id: UserId, device_id: UUID | None) -> bool:
    """Return whether the person has signed in with this browser before."""
    return device_id is not None and await store.knows_device(connection, user_id, device_id)


async def has_any(connection: Connection, user_id: UserId) -> bool:
    """Return whether the person has ever signed in with a browser that is still known."""
    return await store.has_devices(connection, user_id)


async def remember(connection: Connection, user_id: UserId, device_id: UUID) -> None:
    """Know a browser from now on."""
    await store.put_device(connection, user_id, device_id)


async def forget_all(connection: Connection, user_id: UserId) -> None:
    """Know no browser of a person: somebody else may have used one of them."""
    await store.delete_devices(connection, user_id)


def _sign(keyring: Keyring, device_id: UUID, key_id: str) -> bytes:
    return hmac.digest(keyring.derive(Purpose.DEVICE_COOKIE, key_id), device_id.bytes, "sha256").hex().encode()
