"""A process says how full its queues and its pool are."""

from types import SimpleNamespace
from typing import Any

from omna.gateway.occupancy import Occupancy
from omna.observability.metrics import Metrics


async def test_queues_and_connections_are_stated_as_they_are() -> None:
    pool: Any = SimpleNamespace(get_size=lambda: 5, get_idle_size=lambda: 2, get_max_size=lambda: 8)
    metrics = Metrics()
    await Occupancy(pool, {"admission": [1, 2], "settlement": []}, metrics).turn()
    value = metrics.registry.get_sample_value
    assert value("omna_queue_depth", {"queue": "admission"}) == 2
    assert value("omna_queue_depth", {"queue": "settlement"}) == 0
    states = {state: value("omna_pool_connections", {"state": state}) for state in ("busy", "idle", "free")}
    assert states == {"busy": 3, "idle": 2, "free": 3}
    memory, files = value("omna_process_memory_bytes"), value("omna_process_open_files")
    assert memory is not None
    assert memory > 1e6
    assert files
