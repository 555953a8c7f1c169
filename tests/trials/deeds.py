"""How each deed of a schedule is done to a fleet, and undone where an operator or a supervisor would."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

from tests.trials.fleet import Fleet
from tests.trials.schedule import Act, Deed

_STILL_SECONDS = 4.0


async def do(fleet: Fleet, act: Act) -> None:
    """Do what an act says; returns when everything that was taken down is up again."""
    await _DEEDS[act.deed](fleet, act.number)


async def _kill_replica(fleet: Fleet, number: int) -> None:
    replica = fleet.replicas[number % len(fleet.replicas)]
    await replica.kill()
    await asyncio.sleep(1)
    await replica.start()


async def _kill_gateway_worker(fleet: Fleet, number: int) -> None:
    replica = fleet.replicas[number % len(fleet.replicas)]
    await replica.ready_again(replica.kill_workers())


async def _stall_replica(fleet: Fleet, number: int) -> None:
    replica = fleet.replicas[number % len(fleet.replicas)]
    os.killpg(replica.pid, signal.SIGSTOP)
    await asyncio.sleep(_STILL_SECONDS)
    os.killpg(replica.pid, signal.SIGCONT)
    await replica.ready()


async def _restart_replica(fleet: Fleet, number: int) -> None:
    replica = fleet.replicas[number % len(fleet.replicas)]
    replica.terminate()
    await replica.ended(120)
    await replica.start()


async def _kill_worker(fleet: Fleet, number: int) -> None:
    await fleet.worker.kill()
    await fleet.worker.start()


async def _kill_primary(fleet: Fleet, number: int) -> None:
    pair = fleet.pair
    # Nobody promotes a standby that lags behind.
    await pair.in_step()
    pair.primary.kill()
    await pair.fail_over()
    await _reconnect(fleet)
    await pair.attach()


async def _restart_primary(fleet: Fleet, number: int) -> None:
    fleet.pair.primary.kill()
    fleet.pair.primary.start()
    await fleet.pair.primary.answers()
    await _reconnect(fleet)
    await fleet.pair.in_step()


async def _kill_standby(fleet: Fleet, number: int) -> None:
    fleet.pair.standby.kill()
    await fleet.pair.restart_standby()


async def _kill_backend(fleet: Fleet, number: int) -> None:
    await fleet.pair.primary.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'omna' AND pid <> pg_backend_pid()"
        f" AND application_name LIKE 'omna%' ORDER BY md5(pid::text || '{number}') LIMIT 1"
    )


async def _drop_upstream(fleet: Fleet, number: int) -> None:
    for connection in list(fleet.upstream.open):
        connection.transport.abort()


async def _reload_balancer(fleet: Fleet, number: int) -> None:
    await fleet.balancer.kill()
    await fleet.balancer.start()


async def _reconnect(fleet: Fleet) -> None:
    """The trial's own connection went with the server."""
    fleet.house.connection.terminate()
    await fleet.house.connect()


_DEEDS: dict[Deed, Callable[[Fleet, int], Awaitable[None]]] = {
    Deed.KILL_REPLICA: _kill_replica,
    Deed.KILL_GATEWAY_WORKER: _kill_gateway_worker,
    Deed.STALL_REPLICA: _stall_replica,
    Deed.RESTART_REPLICA: _restart_replica,
    Deed.KILL_WORKER: _kill_worker,
    Deed.KILL_PRIMARY: _kill_primary,
    Deed.RESTART_PRIMARY: _restart_primary,
    Deed.KILL_STANDBY: _kill_standby,
    Deed.KILL_BACKEND: _kill_backend,
    Deed.DROP_UPSTREAM: _drop_upstream,
    Deed.RELOAD_BALANCER: _reload_balancer,
}
