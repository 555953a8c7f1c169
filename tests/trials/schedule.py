"""What is done to an installation, and when: drawn from a seed, so that a run can be repeated."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

#: Seconds an act and what follows from it are given before the next one.
SHORTEST_PAUSE, LONGEST_PAUSE = 9.0, 16.0


class Deed(StrEnum):
    """Something that happens to a machine, a process or a network."""

    KILL_REPLICA = "a replica is killed and started again"
    KILL_GATEWAY_WORKER = "a gateway process is killed below its server"
    STALL_REPLICA = "a replica stands still for some seconds and goes on"
    RESTART_REPLICA = "a replica is restarted with a drain"
    KILL_WORKER = "the worker is killed and started again"
    KILL_PRIMARY = "the primary is killed, the standby promoted, the old primary joins as standby"
    RESTART_PRIMARY = "the primary is killed and started again"
    KILL_STANDBY = "the standby is killed and started again"
    KILL_BACKEND = "one session of the database is ended"
    DROP_UPSTREAM = "all connections of the provider are reset"
    RELOAD_BALANCER = "the load balancer is killed and started again"


@dataclass(frozen=True)
class Act:
    """One deed. `at` is in seconds from the start; `number` chooses whom it happens to, modulo how many there are."""

    at: float
    deed: Deed
    number: int


def draw(seed: int, seconds: float, deeds: Sequence[Deed] = tuple(Deed)) -> list[Act]:
    """Return the acts of a run: in rounds that hold each deed once, in another order each, as far as the time goes."""
    dice = random.Random(seed)
    acts: list[Act] = []
    at, left = dice.uniform(2.0, 5.0), [*()]
    while at < seconds - LONGEST_PAUSE:
        if not left:
            left = list(deeds)
            dice.shuffle(left)
        acts.append(Act(round(at, 2), left.pop(), dice.randrange(1 << 16)))
        at += dice.uniform(SHORTEST_PAUSE, LONGEST_PAUSE)
    return acts
