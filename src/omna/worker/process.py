"""The life of a worker process: open the pool, run the schedule, drain, close."""

import asyncio
import signal

from omna.config import Settings
from omna.db.pool import open_pool
from omna.jobs.periodic import run_periodic
from omna.observability.logs import get_logger
from omna.processes import be
from omna.worker.schedule import schedule
from omna.worker.watching import Watch

logger = get_logger(__name__)


async def run(url: str, settings: Settings) -> None:
    """Run the jobs until SIGTERM or SIGINT; then let those that run finish, for at most `server.drain_seconds`.

    A database that is away at the start is waited for.
    Errors  MigrationError when the schema has no job tables: `omna migrate` makes them; ConfigError
    """
    be("worker")
    periodic = schedule(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # Every job may run at once, and the library itself needs one more to claim turns and to keep its heartbeat,
    # and the watch one to look.
    pool = await open_pool(url, settings.database, min_size=0, max_size=len(periodic) + 2)
    watch = Watch(pool, settings.server)
    try:
        watch.start()
        logger.info("worker started", jobs=[job.name for job in periodic])
        jobs = asyncio.create_task(run_periodic(pool, periodic, stop))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({jobs, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not jobs.done():
            logger.info("worker draining")
            await asyncio.wait({jobs}, timeout=settings.server.drain_seconds)
        if jobs.done():
            jobs.result()
        else:
            # Safe: a job is one transaction or a row of them, and another worker takes its turn again.
            logger.warning("jobs cut off at the end of the drain")
            jobs.cancel()
            await asyncio.wait({jobs})
    finally:
        await watch.close()
        pool.terminate()
    logger.info("worker stopped")
