"""Open the keyring of this installation, and change its master key."""

from omna.config import Settings
from omna.db.pool import Connection
from omna.vault import store
from omna.vault.envelope import EnvelopeError, Location
from omna.vault.keyring import Keyring, MasterKeyError, Purpose

KEY_FILE = "master.key"
CANARY = "vault.canary"
CANARY_TEXT = "omna"
RETIRED = "vault.retired."
#: The one purpose whose old keys are needed for ever: rows of the audit log are never sealed again.
RETIRED_PURPOSE = Purpose.AUDIT_CHAIN


async def open_keyring(connection: Connection, settings: Settings) -> Keyring:
    """Return the keyring, proven by the canary of this database. The first use makes key file and canary.

    Errors  MasterKeyError when the key is missing, malformed, or not the one that sealed this database
    """
    canary = await store.find(connection, CANARY)
    if settings.secrets.master_key:
        keyring = Keyring.from_text(settings.secrets.master_key)
    else:
        path = settings.data / KEY_FILE
        if canary is not None and not path.exists():
            raise MasterKeyError(
                f"this database was sealed with a master key that is not in {path}; "
                "copy the file there, or set OMNA_SECRETS_MASTER_KEY"
            )
        keyring = Keyring.from_file(path)
    if canary is None:
        await store.add(connection, CANARY, keyring.seal(Purpose.CANARY, CANARY_TEXT, _place(CANARY)))
        # Another process may have been first, with a key of its own: what is stored decides.
        canary = await store.find(connection, CANARY)
    try:
        keyring.unseal(Purpose.CANARY, canary or "", _place(CANARY))
    except EnvelopeError:
        origin = "OMNA_SECRETS_MASTER_KEY" if keyring.path is None else str(keyring.path)
        raise MasterKeyError(f"{origin} is not the master key that sealed this database") from None
    return keyring


def begin_rotation(keyring: Keyring) -> None:
    """Make a new key the one that seals; an interrupted rotation goes on with the key it made.

    Errors  MasterKeyError when the keys come from the environment and there is no second one
    """
    if len(keyring.ids) > 1:
        return
    if keyring.path is None:
        raise MasterKeyError(
            "set OMNA_SECRETS_MASTER_KEY to the new key, a comma and the old key wherever Omna runs, then rotate again"
        )
    keyring.add_key()


async def reseal(connection: Connection, keyring: Keyring) -> None:
    """Seal what the vault itself keeps with the new key: the canary, and the old keys of the audit log."""
    new = keyring.current_id
    retired = await store.beginning_with(connection, RETIRED)
    for name, sealed in retired:
        key = keyring.unseal(Purpose.RETIRED_KEYS, sealed, _place(name))
        await store.put(connection, name, keyring.seal(Purpose.RETIRED_KEYS, key, _place(name)))
    kept = {name.rpartition(".")[2] for name, _ in retired}
    number = len(retired)
    for old in reversed(keyring.ids):
        if old != new and old not in kept:
            number += 1
            name = f"{RETIRED}{number:06d}.{old}"
            key = keyring.derive(RETIRED_PURPOSE, old).hex()
            await store.put(connection, name, keyring.seal(Purpose.RETIRED_KEYS, key, _place(name)))
    await store.put(connection, CANARY, keyring.seal(Purpose.CANARY, CANARY_TEXT, _place(CANARY)))


def finish_rotation(keyring: Keyring) -> bool:
    """Drop the old keys once everything sealed with them is committed under the new one.

    Returns whether they are gone; False means they stand in the environment, where the operator removes them
    """
    if keyring.path is None:
        return False
    keyring.drop_old_keys()
    return True


async def audit_keys(connection: Connection, keyring: Keyring) -> list[bytes]:
    """Return every key that has sealed rows of the audit log, oldest first, today's last."""
    retired = await store.beginning_with(connection, RETIRED)
    known = {name.rpartition(".")[2] for name, _ in retired}
    keys = [bytes.fromhex(keyring.unseal(Purpose.RETIRED_KEYS, sealed, _place(name))) for name, sealed in retired]
    # Keys of a rotation that has not come to its commit still stand in the ring.
    keys.extend(keyring.derive(RETIRED_PURPOSE, old) for old in reversed(keyring.ids) if old not in known)
    return keys


async def retired_ids(connection: Connection) -> list[str]:
    """Return the ids of master keys that seal nothing any more, oldest first."""
    return [name.rpartition(".")[2] for name, _ in await store.beginning_with(connection, RETIRED)]


async def remember(connection: Connection, name: str, value: str) -> None:
    """Keep a fact about this installation under a name of the caller's."""
    await store.put(connection, name, value)


async def remember_first(connection: Connection, name: str, value: str) -> str:
    """Keep a fact unless it is known already, and return what is kept."""
    await store.add(connection, name, value)
    kept = await store.find(connection, name)
    assert kept is not None, "facts are never forgotten"
    return kept


async def recall(connection: Connection, name: str) -> str | None:
    """Return a fact about this installation, or None."""
    return await store.find(connection, name)


def _place(name: str) -> Location:
    return Location("installation", name, "value")
