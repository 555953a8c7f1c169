import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from omna.vault.envelope import EnvelopeError, Location
from omna.vault.keyring import Keyring, MasterKeyError, Purpose

PLACE = Location("providers", "row", "secret")


def test_a_new_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    Keyring.from_file(tmp_path / "data" / "master.key")
    assert stat.S_IMODE((tmp_path / "data" / "master.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["master.key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        rings = list(threads.map(lambda _: Keyring.from_file(tmp_path / "master.key"), range(16)))
    assert len({ring.current_id for ring in rings}) == 1


def test_a_key_file_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    Keyring.from_file(path)
    path.chmod(0o640)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        Keyring.from_file(path)


@pytest.mark.parametrize(
    "text", ["0" * 64, "ab" * 32, "abc", "", "z" * 64, pytest.param(secrets.token_hex(16), id="half a key")]
)
def test_weak_and_malformed_keys_are_refused(text: str) -> None:
    with pytest.raises(MasterKeyError):
        Keyring.from_text(text)


def test_purposes_have_different_keys() -> None:
    ring = Keyring.from_text(secrets.token_hex(32))
    keys = {ring.derive(purpose) for purpose in Purpose}
    assert len(keys) == len(Purpose)
    sealed = ring.seal(Purpose.PROVIDER_SECRETS, "secret", PLACE)
    with pytest.raises(EnvelopeError):
        ring.unseal(Purpose.CANARY, sealed, PLACE)


def test_an_old_key_opens_until_it_is_dropped(tmp_path: Path) -> None:
    ring = Keyring.from_file(tmp_path / "master.key")
    old = ring.seal(Purpose.PROVIDER_SECRETS, "secret", PLACE)
    ring.add_key()
    new = ring.seal(Purpose.PROVIDER_SECRETS, "secret", PLACE)
    assert old.split(":")[1] != new.split(":")[1]
    assert ring.unseal(Purpose.PROVIDER_SECRETS, old, PLACE) == "secret"
    ring.drop_old_keys()
    assert ring.unseal(Purpose.PROVIDER_SECRETS, new, PLACE) == "secret"
    with pytest.raises(EnvelopeError):
        ring.unseal(Purpose.PROVIDER_SECRETS, old, PLACE)


def test_a_running_process_follows_a_rotation_by_another(tmp_path: Path) -> None:
    running = Keyring.from_file(tmp_path / "master.key")
    before = running.current_id
    command = Keyring.from_file(tmp_path / "master.key")
    command.add_key()
    sealed = command.seal(Purpose.PROVIDER_SECRETS, "secret", PLACE)
    command.drop_old_keys()
    assert running.unseal(Purpose.PROVIDER_SECRETS, sealed, PLACE) == "secret"
    assert running.current_id == command.current_id != before
