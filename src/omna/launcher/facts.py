"""What the first start made up and later starts repeat: small files in the data directory, for its owner alone."""

import os
from pathlib import Path
from typing import TypeVar

import msgspec

FIRST_RUN = "first-run.json"
LOCAL_MODEL = "local-model.json"

Facts = TypeVar("Facts")


class FirstRun(msgspec.Struct, frozen=True):
    """How the owner signs in, and the first API key. Delete the file once both are kept somewhere better."""

    email: str
    password: str
    key: str


class LocalEndpoint(msgspec.Struct, frozen=True):
    """Where the bundled model listens, from start to start, so that the catalogue need not change."""

    port: int
    key: str


def read(path: Path, kind: type[Facts]) -> Facts | None:
    """Return the facts of a file; None when it is missing or not whole."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write(path: Path, facts: object) -> None:
    """Write a file so that it is there whole or not at all, readable by its owner only."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(facts), indent=2) + b"\n")
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)
