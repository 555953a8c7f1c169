"""A request costs no more work than it did: counted, because time measured on a busy machine says nothing.

When more work is wanted, commit what it costs now: `OMNA_WRITE_WORK=1 pytest tests/integration/gateway/test_work.py`.
"""

import os
import sys
from pathlib import Path

import msgspec
import pytest
import uvloop

from omna.db.embedded import EmbeddedServer
from tests.harness.installation import fresh_database
from tests.harness.work import CannedUpstream, Work, Workbench

_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
#: What was committed, by Python: each compiles calls in its own way, and calls its library in its own way.
_COMMITTED = Path(__file__).with_name(f"work-{_VERSION}.json")
#: Per cent of calls that may come and go with the order in which the event loop finds things done.
_ALLOWANCE = 1


async def _measure(server: EmbeddedServer, data: Path) -> dict[str, Work]:
    upstream = CannedUpstream()
    try:
        async with fresh_database(server) as url, Workbench(url, data, upstream) as bench:
            return {"whole": await bench.count(stream=False), "stream": await bench.count(stream=True)}
    finally:
        upstream.close()


def test_a_request_costs_no_more_work_than_it_did(database_server: EmbeddedServer, tmp_path: Path) -> None:
    if not _COMMITTED.exists() and "OMNA_WRITE_WORK" not in os.environ:
        pytest.skip(f"what a request costs is not committed for Python {_VERSION}")
    found = uvloop.run(_measure(database_server, tmp_path))
    if "OMNA_WRITE_WORK" in os.environ:
        _COMMITTED.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    committed = msgspec.json.decode(_COMMITTED.read_bytes(), type=dict[str, Work])
    complaints = [complaint for kind, work in found.items() for complaint in _grown(kind, committed[kind], work)]
    assert not complaints, "\n".join(complaints)


def _grown(kind: str, committed: Work, found: Work) -> list[str]:
    """Return what has grown, with the functions that did."""
    complaints = [
        f"{kind}: {now} {what}, committed are {before}"
        for what, before, now, most in (
            ("calls", committed.calls, found.calls, committed.calls * (100 + _ALLOWANCE) // 100),
            ("calls of Omna's own", committed.own, found.own, committed.own * (100 + _ALLOWANCE) // 100),
            ("statements", committed.statements, found.statements, committed.statements),
            ("scans of tables", committed.scans, found.scans, committed.scans + 1),
            ("rows written", committed.written, found.written, committed.written + 1),
        )
        if now > most
    ]
    if complaints:
        complaints += [
            f"  {committed.functions.get(name, 0)} -> {count}  {name}"
            for name, count in found.functions.items()
            if count > committed.functions.get(name, 0)
        ]
    return complaints
