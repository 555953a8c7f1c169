"""The metrics of a worker: how the installation stands, read every few seconds, and served on a port of its own."""

import math

from omna.config import Server
from omna.db.pool import borrow
from omna.jobs.loop import Loop
from omna.jobs.periodic import Pool
from omna.money import NANO_PER_CREDIT
from omna.observability.exposition import MetricsServer, serve_registry
from omna.observability.installation import InstallationGauges
from omna.observability.logs import get_logger
from omna.worker import standing
from omna.worker.standing import Standing

logger = get_logger(__name__)


class Watch(Loop):
    """How the installation stands, read every few seconds.

    Without a port that is free the worker does its jobs all the same: several may run on one machine.
    """

    SECONDS = 15.0

    def __init__(self, pool: Pool, settings: Server) -> None:
        self._pool = pool
        self._settings = settings
        self.gauges = InstallationGauges()
        self.server: MetricsServer | None = None

    def start(self) -> None:
        port = self._settings.worker_metrics_port
        if not port:
            return
        try:
            self.server = serve_registry(self._settings.metrics_host, port, self.gauges.registry)
        except OSError as error:
            logger.warning("metrics are off", port=port, error=error.strerror)
            return
        super().start()

    async def close(self) -> None:
        await super().close()
        if self.server is not None:
            self.server.close()

    async def turn(self) -> None:
        """Read the numbers once. Errors: ServiceUnavailable; the last ones stay, and their time with them."""
        self.gauges.process.read()
        async with borrow(self._pool) as connection:
            state(self.gauges, await standing.read(connection))


def state(gauges: InstallationGauges, now: Standing) -> None:
    """Set the gauges to a reading."""
    gauges.set(
        {
            "omna_holds_open": now.holds,
            "omna_holds_lapsed": now.lapsed,
            "omna_hold_oldest_seconds": now.oldest_hold,
            "omna_held_credits": now.held / NANO_PER_CREDIT,
            "omna_ledger_unsealed_transfers": now.unsealed,
            "omna_ledger_unsealed_seconds": now.unsealed_age,
            "omna_ledger_broken": now.ledger_broken,
            "omna_ledger_checked_seconds": math.nan if now.ledger_checked is None else now.ledger_checked,
            "omna_stops": now.stops,
            "omna_jobs_late": now.jobs_late,
            "omna_jobs_failing": now.jobs_failing,
            "omna_mails_waiting": now.mails_waiting,
            "omna_mails_late": now.mails_late,
            "omna_mails_failed": now.mails_failed,
            "omna_payment_events_failed": now.events_failed,
            "omna_alert_deliveries_waiting": now.deliveries_waiting,
            "omna_database_connections": now.connections,
            "omna_database_connections_limit": now.most_connections,
            "omna_database_bytes": now.database_bytes,
            "omna_database_standbys": now.standbys,
            "omna_read_timestamp_seconds": now.at.timestamp(),
        },
        now.breakers,
        now.alerts,
    )
