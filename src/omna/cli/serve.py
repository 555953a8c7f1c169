"""`omna serve`: the gateway and the web pages, as N worker processes below this one."""

import multiprocessing
import os
import threading
from dataclasses import replace
from typing import Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server.mp import MPServer

from omna.cli.failures import CommandError
from omna.cli.session import DEFAULTS, Options, settings_of
from omna.config import Settings
from omna.documents import legal
from omna.gateway.tracing import check as check_tracing
from omna.observability.exposition import DIRECTORY_VARIABLE, prepare_directory, serve_metrics
from omna.observability.logs import configure
from omna.payments.checkout.registry import check as check_payments
from omna.processes import DRAIN_SIGNAL

#: Beyond the drain: cut streams tell their clients and settle in this time.
_MARGIN_SECONDS = 10

_HEADER_BYTES = 32 * 1024
#: Also how long an idle connection is kept for its next request: longer than load balancers keep theirs.
_HEADER_MILLISECONDS = 75_000
#: The server counts idle connections too, so this bounds sockets; work is bounded by admission.
_CONNECTIONS = 16_384


def serve(
    *,
    port: int | None = None,
    host: str | None = None,
    workers: int | None = None,
    options: Options = DEFAULTS,
) -> None:
    """Run the gateway and the web pages until SIGTERM or Ctrl-C; needs OMNA_DATABASE_URL.

    Parameters
    ----------
    port
        Port to listen on (default: 5108).
    host
        Address to listen on (default: 127.0.0.1).
    workers
        Gateway processes (default: 1).
    """
    settings = settings_of(options)
    if not settings.database.url:
        raise CommandError("set OMNA_DATABASE_URL, or use `omna up`, which brings its own database")
    server = settings.server
    settings = replace(
        settings,
        server=replace(
            server,
            port=server.port if port is None else port,
            host=host or server.host,
            workers=workers or server.workers,
        ),
    )
    # Here, and not in each worker: one that cannot start would be started again and again.
    check_payments(settings)
    check_tracing(settings.tracing)
    legal.documents(settings.legal)
    configure(settings.log)
    _serve(settings)


def _serve(settings: Settings) -> None:
    server = settings.server
    directory = prepare_directory(settings.data)
    # Workers are started anew and read their settings from the environment, as this process did.
    os.environ[DIRECTORY_VARIABLE] = str(directory)
    os.environ["OMNA_DATA"] = str(settings.data)
    multiprocessing.set_start_method("spawn", force=True)
    metrics = serve_metrics(server.metrics_host, server.metrics_port, directory) if server.metrics_port else None
    try:
        DrainingServer(
            "omna.app:create",
            notice_seconds=server.drain_notice_seconds,
            factory=True,
            address=server.host,
            port=server.port,
            interface=Interfaces.ASGI,
            workers=server.workers,
            loop=Loops.uvloop,
            http=HTTPModes.http1,
            websockets=False,
            backpressure=_CONNECTIONS,
            http1_settings=HTTP1Settings(
                header_read_timeout=_HEADER_MILLISECONDS, max_buffer_size=_HEADER_BYTES, pipeline_flush=False
            ),
            respawn_failed_workers=True,
            workers_kill_timeout=int(server.drain_seconds) + _MARGIN_SECONDS,
            log_dictconfig={
                "version": 1,
                "disable_existing_loggers": False,
                "loggers": {name: {"level": "WARNING", "propagate": True} for name in ("_granian", "granian.access")},
            },
        ).serve()
    finally:
        if metrics is not None:
            metrics.close()


class DrainingServer(MPServer):
    """A server that tells its workers at once that they must end, and not only after their last response.

    notice_seconds  how long it goes on listening after that, so that load balancers find out by themselves: a
                    connection that is refused, or accepted and then closed, would be a failed request
    """

    def __init__(self, *args: Any, notice_seconds: float, **options: Any) -> None:
        super().__init__(*args, **options)
        self._notice_seconds = notice_seconds

    def signal_handler_interrupt(self, *args: object, **kwargs: object) -> None:
        for worker in self.wrks:
            if worker.inner.pid is not None and worker.is_alive():  # type: ignore[no-untyped-call]
                os.kill(worker.inner.pid, DRAIN_SIGNAL)
        notice, self._notice_seconds = self._notice_seconds, 0.0
        if notice > 0:
            # Whoever asks again is in a hurry, and finds no notice left.
            timer = threading.Timer(notice, super().signal_handler_interrupt)
            timer.daemon = True
            timer.start()
        else:
            super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]
