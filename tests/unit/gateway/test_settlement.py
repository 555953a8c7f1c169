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
