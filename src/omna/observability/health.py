"""PURE. What /healthz and /readyz answer. Status only: no version, no reason, no secret.

`/healthz` says that the process lives and never looks at the database: during a database outage an orchestrator must
not restart every gateway, whose running streams would be lost. `/readyz` says "send me traffic" and does look.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Phase(StrEnum):
    """Where a process is in its life. It only moves down this list."""

    STARTING = "starting"  # keys, schema, journal replay
    SERVING = "serving"
    DRAINING = "draining"  # running requests end, new ones are refused


@dataclass(frozen=True)
class Answer:
    """An HTTP status and a JSON body."""

    status: int
    body: bytes


_ALIVE = Answer(200, b'{"status":"ok"}')
_READY = Answer(200, b'{"status":"ready"}')
_STARTING = Answer(503, b'{"status":"starting"}')
_DRAINING = Answer(503, b'{"status":"draining"}')
_UNAVAILABLE = Answer(503, b'{"status":"unavailable"}')


def alive() -> Answer:
    """Return the answer of /healthz: whoever can give it lives."""
    return _ALIVE


def ready(phase: Phase, *, database: bool) -> Answer:
    """Return the answer of /readyz.

    database    whether the database answered a moment ago with the schema this version needs
    """
    match phase:
        case Phase.STARTING:
            return _STARTING
        case Phase.DRAINING:
            return _DRAINING
        case Phase.SERVING:
            return _READY if database else _UNAVAILABLE
    assert_never(phase)
