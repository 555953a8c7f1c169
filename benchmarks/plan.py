"""How much of everything is measured: the report in about ten minutes, a quick look in a minute and a half."""

from dataclasses import dataclass

CHUNKS_PER_SECOND = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one run; seconds and counts are per round where there are rounds."""

    rounds: int
    pairs: int
    rival_pairs: int
    connections: int
    workspaces: int
    warm_up_seconds: float
    load_seconds: float
    rival_seconds: float
    streams: int
    stream_seconds: int
    opening_seconds: float
    memory_requests: int
    memory_blocks: int
    memory_seconds: float
    row_requests: int
    ledger_seconds: float

    @property
    def stream_chunks(self) -> int:
        return self.stream_seconds * CHUNKS_PER_SECOND

    @property
    def stream_model(self) -> str:
        return f"stream-{self.stream_chunks}-{CHUNKS_PER_SECOND}"


FULL = Plan(
    rounds=5,
    pairs=400,
    rival_pairs=100,
    connections=64,
    workspaces=4,
    warm_up_seconds=4.0,
    load_seconds=6.0,
    rival_seconds=5.0,
    streams=2000,
    stream_seconds=40,
    opening_seconds=10.0,
    memory_requests=200_000,
    memory_blocks=10,
    memory_seconds=300.0,
    row_requests=20_000,
    ledger_seconds=3.0,
)

QUICK = Plan(
    rounds=3,
    pairs=100,
    rival_pairs=40,
    connections=64,
    workspaces=2,
    warm_up_seconds=1.0,
    load_seconds=2.0,
    rival_seconds=1.5,
    streams=400,
    stream_seconds=4,
    opening_seconds=2.0,
    memory_requests=10_000,
    memory_blocks=5,
    memory_seconds=8.0,
    row_requests=5_000,
    ledger_seconds=0.6,
)
