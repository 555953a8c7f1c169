"""`omna up`: everything in one process tree."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def up(
    *,
    port: int | None = None,
    host: str | None = None,
    data: Path | None = None,
    workers: int | None = None,
    local_model: bool = True,
    demo: bool = True,
    reload: Annotated[bool, Parameter(show=False)] = False,
) -> int:
    """Start the database, the local model, the gateway and the jobs, and keep them running until Ctrl-C.

    Parameters
    ----------
    port
        Port of the gateway (default: 5108).
    host
        Address of the gateway (default: 127.0.0.1).
    data
        Data directory (default: OMNA_DATA, else a per-user one).
    workers
        Gateway processes (default: 1).
    local_model
        Run the bundled model.
    demo
        Give an empty installation an owner, starter Credits and an API key.
    reload
        Start the gateway again when a source file changes.
    """
    # Imported here, because every command starts by importing all others.
    from omna.config import load
    from omna.launcher.up import Options
    from omna.launcher.up import up as run

    settings = load(os.environ, data)
    server = settings.server
    server = replace(
        server,
        port=server.port if port is None else port,
        host=host or server.host,
        workers=workers or server.workers,
    )
    settings = replace(settings, server=server)
    return run(settings, Options(local_model=local_model, demo=demo, reload=reload), os.environ)
