"""`omna top`: what runs, live."""

import asyncio
import sys
from contextlib import suppress
from typing import Annotated, NoReturn

from cyclopts import Parameter
from rich.console import Console
from rich.live import Live

from omna.cli.output import print_json
from omna.cli.session import DEFAULTS, Options, Session, session
from omna.cli.top_reading import Reading, as_json, look
from omna.cli.top_screen import screen
from omna.db.pool import is_fault
from omna.errors import ServiceUnavailable

#: Wide enough that nothing is cut when the reader is a program.
_WIDTH_OF_A_PIPE = 120
_SHORTEST_PAUSE, _RETRY_SECONDS = 0.5, 2.0


async def top(
    *,
    once: Annotated[bool, Parameter(negative="", help="Look once, and end.")] = False,
    seconds: Annotated[float, Parameter(help="Between two looks.")] = 2.0,
    metrics: Annotated[
        tuple[str, ...], Parameter(help="Also read the metrics of a gateway: http://host:5109/metrics. Repeatable.")
    ] = (),
    options: Options = DEFAULTS,
) -> None:
    """Watch requests, holds, providers, spending, books and jobs until Ctrl-C.

    Everything is read from the database; queues and journals of gateways from their metrics, where given. Without a
    terminal it looks once, as with --once; with --json too.
    """
    live = sys.stdout.isatty() and not once and not options.json
    while live:
        with suppress(ServiceUnavailable):
            async with session(options) as work:
                await _watch(work, metrics, max(seconds, _SHORTEST_PAUSE))
        # The database is away; whoever watches wants to see it come back.
        print("the database is away")
        await asyncio.sleep(_RETRY_SECONDS)
    async with session(options) as work:
        reading = await _look(work, metrics)
    if options.json:
        print_json(as_json(reading))
    else:
        width = None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE
        Console(width=width, markup=False, highlight=False, emoji=False).print(screen(reading))


async def _watch(work: Session, metrics: tuple[str, ...], seconds: float) -> NoReturn:
    """Errors: ServiceUnavailable."""
    with Live(screen(await _look(work, metrics)), screen=True, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(seconds)
            live.update(screen(await _look(work, metrics)), refresh=True)


async def _look(work: Session, metrics: tuple[str, ...]) -> Reading:
    """Errors: ServiceUnavailable."""
    try:
        return await look(work.connection, work.settings.data, metrics)
    except Exception as error:
        if is_fault(error, work.connection):
            raise ServiceUnavailable() from error
        raise
