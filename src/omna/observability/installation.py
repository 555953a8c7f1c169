"""What is true of the installation as a whole, as gauges of a worker. Every worker reads the same database, so of
several workers every one says the same: a dashboard takes the maximum, never the sum."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge

from omna.observability.process import ProcessGauges

#: name → what. Each is a number without labels.
PLAIN = {
    "omna_holds_open": "Open holds",
    "omna_holds_lapsed": "Open holds whose lease has ended, so that their gateway is gone or late",
    "omna_hold_oldest_seconds": "Age of the oldest open hold",
    "omna_held_credits": "Credits that running requests hold",
    "omna_ledger_unsealed_transfers": "Transfers that no block of the hash chain covers yet, up to 100000",
    "omna_ledger_unsealed_seconds": "Age of the oldest of them",
    "omna_ledger_broken": "1 when the last checks of the books found something",
    "omna_ledger_checked_seconds": "Time since the books were last checked",
    "omna_stops": "Emergency stops in force",
    "omna_jobs_late": "Periodic jobs whose turn is two minutes late, with nobody at work on them",
    "omna_jobs_failing": "Periodic jobs whose last turn failed",
    "omna_mails_waiting": "Mails of the last day that wait",
    "omna_mails_late": "Mails that wait for an hour or more",
    "omna_mails_failed": "Mails of the last day that were given up",
    "omna_payment_events_failed": "Events of payment services that came in and could not be worked on yet",
    "omna_alert_deliveries_waiting": "Deliveries of alerts to the webhook that wait",
    "omna_database_connections": "Connections to the database, of everybody",
    "omna_database_connections_limit": "How many the server allows",
    "omna_database_bytes": "Size of the database",
    "omna_database_standbys": "Servers that stream from the database",
    "omna_read_timestamp_seconds": "When these numbers were last read, as Unix time",
}


class InstallationGauges:
    """The gauges of a worker, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._plain = {name: Gauge(name, what, registry=registry) for name, what in PLAIN.items()}
        self._breakers = Gauge(
            "omna_breaker_processes",
            "Gateway processes that do not ask a provider for some model, by state (open, probing)",
            ["provider", "state"],
            registry=registry,
        )
        self._alerts = Gauge(
            "omna_alerts_unseen",
            "Alerts that nobody has acknowledged, by kind and severity",
            ["kind", "severity"],
            registry=registry,
        )
        self.process = ProcessGauges(registry)

    @property
    def all(self) -> list[Gauge]:
        """Every gauge, for the reference."""
        return [*self._plain.values(), self._breakers, self._alerts]

    def set(
        self,
        plain: Mapping[str, float],
        breakers: Mapping[tuple[str, str], int],
        alerts: Mapping[tuple[str, str], int],
    ) -> None:
        """State everything at once. What is no more is forgotten, so that nothing stands open for ever."""
        for name, value in plain.items():
            self._plain[name].set(value)
        for gauge, values in ((self._breakers, breakers), (self._alerts, alerts)):
            gauge.clear()
            for labels, value in values.items():
                gauge.labels(*labels).set(value)
