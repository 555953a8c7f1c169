"""What a bill leaves behind when it is queued, whatever the database does."""

from pathlib import Path

from omna.config import Database, Gateway
from omna.db.link import Link
from omna.gateway.bill import Outcome
from omna.gateway.settlement import Settlements
from omna.ids import new_id
from omna.observability.metrics import Metrics
from omna.providers.base import Chunk, Delta
from tests.unit.gateway import made


async def test_time_to_the_first_output_is_measured_for_what_was_delivered(tmp_path: Path) -> None:
    metrics = Metrics()
    nowhere = Link(f"postgresql:///omna?host={tmp_path}", Database(acquire_timeout=0.2))
    settlements = Settlements(nowhere, Gateway(), tmp_path, new_id(), metrics)
    for chunks in ([Chunk([Delta(content="Hello")])], []):
        with settlements.owed(made.ticket()) as owed:
            for chunk in chunks:
                owed.bill.add(chunk)
            await owed.settle(Outcome.COMPLETED)
    await settlements.close()
    metrics.flush()
    assert metrics.registry.get_sample_value("omna_first_token_seconds_count", {"model": "small"}) == 1


async def test_what_stands_in_the_journal_is_still_owed_and_never_resolved_as_a_crash(tmp_path: Path) -> None:
    nowhere = Link(f"postgresql:///omna?host={tmp_path}", Database(acquire_timeout=0.2))
    settlements = Settlements(nowhere, Gateway(), tmp_path, new_id(), Metrics())
    ticket = made.ticket()
    assert not settlements.owes(ticket.call.request_id)
    with settlements.owed(ticket) as owed:
        assert settlements.owes(ticket.call.request_id)
        owed.bill.add(Chunk([Delta(content="Hello")]))
        await owed.settle(Outcome.COMPLETED)
    # The database is away: nothing runs any more, and the charge waits on the disk.
    assert not settlements.running
    assert settlements.owes(ticket.call.request_id)
    await settlements.close()
