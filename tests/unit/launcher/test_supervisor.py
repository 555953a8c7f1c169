"""When a part that ended is started again."""

from dataclasses import dataclass, field

from omna.launcher.signals import Signals
from omna.launcher.supervisor import FIRST_DELAY, LONGEST_DELAY, STEADY_SECONDS, Part, Supervisor


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Fragile:
    """A part that ends when told to and starts unless told not to."""

    running: bool = True
    starts: list[float] = field(default_factory=list)
    broken: bool = False
    clock: Clock = field(default_factory=Clock)

    def start(self) -> None:
        self.starts.append(self.clock.now)
        if self.broken:
            raise OSError("no room")
        self.running = True

    def exited(self) -> bool:
        return not self.running

    def stop(self) -> None:
        self.running = False


def make() -> tuple[Supervisor, Part, Fragile, Clock, list[str]]:
    clock = Clock()
    fragile = Fragile(clock=clock)
    part = Part("gateway", fragile, started_at=clock.now)
    said: list[str] = []
    return Supervisor([part], Signals(), said.append, clock=clock), part, fragile, clock, said


def test_part_that_runs_is_left_alone() -> None:
    supervisor, part, fragile, _, said = make()
    supervisor.look_after(part)
    assert (fragile.starts, said) == ([], [])


def test_part_that_ended_is_started_after_the_first_delay() -> None:
    supervisor, part, fragile, clock, said = make()
    fragile.running = False
    supervisor.look_after(part)
    supervisor.look_after(part)
    assert fragile.starts == []
    clock.now += FIRST_DELAY
    supervisor.look_after(part)
    assert fragile.starts == [1000.0 + FIRST_DELAY]
    assert said == ["gateway has ended by itself; next try in 0.2 s", "gateway is running again"]


def test_delay_doubles_up_to_its_bound_while_starting_fails() -> None:
    supervisor, part, fragile, clock, said = make()
    fragile.running, fragile.broken = False, True
    supervisor.look_after(part)
    for _ in range(12):
        assert part.due_at is not None
        clock.now = part.due_at
        supervisor.look_after(part)
    waits = [later - sooner for sooner, later in zip(fragile.starts, fragile.starts[1:], strict=False)]
    assert [round(wait, 3) for wait in waits[:3]] == [0.4, 0.8, 1.6]
    assert max(waits) == LONGEST_DELAY
    assert "gateway does not start: no room" in said[-1]


def test_part_that_ran_for_long_begins_with_the_first_delay_again() -> None:
    supervisor, part, fragile, clock, _ = make()
    part.failures = 9
    clock.now += STEADY_SECONDS + 1
    fragile.running = False
    supervisor.look_after(part)
    assert part.due_at == clock.now + FIRST_DELAY
