"""`omna worker`: the background jobs."""

import asyncio
from dataclasses import replace

from omna.cli.failures import CommandError
from omna.cli.session import DEFAULTS, Options, settings_of
from omna.db.embedded import running_url
from omna.observability.logs import configure
from omna.worker.process import run


def worker(*, options: Options = DEFAULTS) -> None:
    """Run the background jobs of this database until SIGTERM or Ctrl-C. With --json, log lines are JSON.

    One worker is enough; of several, each turn of a job is run by one.
    """
    settings = settings_of(options)
    url = settings.database.url or running_url(settings.data)
    if not url:
        raise CommandError("no database runs: set OMNA_DATABASE_URL, or start `omna up`, which runs the jobs itself")
    configure(replace(settings.log, format="json") if options.json else settings.log)
    asyncio.run(run(url, settings))
