"""The secret that links are proven with: one of this installation, sealed; a new master key leaves it as it is."""

import secrets

from omna.db.pool import Connection
from omna.vault import service as vault
from omna.vault.envelope import Location
from omna.vault.keyring import Keyring, Purpose

_NAME = "chat.share_links"
_PLACE = Location("installation", _NAME, "value")
_BYTES = 32


async def secret(connection: Connection, keyring: Keyring) -> bytes:
    """Return the secret; the first use makes it."""
    sealed = await vault.recall(connection, _NAME)
    if sealed is None:
        made = keyring.seal(Purpose.SHARE_LINKS, secrets.token_hex(_BYTES), _PLACE)
        # Another process may have been first: what is stored decides.
        sealed = await vault.remember_first(connection, _NAME, made)
    return bytes.fromhex(keyring.unseal(Purpose.SHARE_LINKS, sealed, _PLACE))


async def reseal(connection: Connection, keyring: Keyring) -> None:
    """Seal the secret with the new master key."""
    sealed = await vault.recall(connection, _NAME)
    if sealed is not None:
        opened = keyring.unseal(Purpose.SHARE_LINKS, sealed, _PLACE)
        await vault.remember(connection, _NAME, keyring.seal(Purpose.SHARE_LINKS, opened, _PLACE))
