"""Bodies of /api/console/system."""

from typing import Literal

from pydantic import Field

from omna.http.values import Acted, Input, Moment, Output, Reason, Text

MailState = Literal["queued", "sent", "failed", "kept"]


class Versions(Output):
    """What runs here."""

    omna: str
    python: str
    postgresql: str
    migrations: int = Field(description="Applied ones.")
    newest_migration: str
    migrated_at: Moment
    missing: list[str] = Field(description="What this release wants of the schema and is not applied.")


class TableSize(Output):
    """A table with its indexes and partitions."""

    name: str
    bytes: int


class DatabaseFacts(Output):
    """The database server."""

    embedded: bool
    started_at: Moment
    bytes: int
    connections: int
    most_connections: int
    replicas: int = Field(description="Servers that stream from this one.")
    replica: bool
    largest: list[TableSize]


class Job(Output):
    """A periodic job, as the workers left it."""

    name: str
    cron: str = Field(description="Minute hour day month weekday in UTC, and seconds where there is a sixth field.")
    last_run: Moment | None
    next_run: Moment
    running: bool
    overdue: bool
    failures: int = Field(description="In a row, up to now.")
    failed_at: Moment | None
    error: str | None


class StateCount(Output):
    """How many are in a state; `since` when the oldest is there, or of events when the newest came."""

    state: str
    count: int
    since: Moment


class MailFacts(Output):
    """The outbox."""

    server: bool = Field(description="Whether there is a mail server; without one mails are kept.")
    states: list[StateCount]
    late: int = Field(description="Mails that wait for an hour or more.")


class DrillNote(Output):
    """When something was last done."""

    at: Moment
    what: str
    number: int


class Backups(Output):
    """Copies of the database, as far as this installation knows of them."""

    backup: DrillNote | None = Field(description="The last `omna backup`; number: its bytes.")
    restored: DrillNote | None = Field(description="The `omna restore` this database came from; number: its problems.")
    drill: DrillNote | None = Field(description="When somebody last tried a restore.")


class MasterKeys(Output):
    """Ids of master keys, which tell nothing about the keys."""

    current: str
    older: list[str] = Field(description="Still open what they sealed, until `omna secrets rotate` has ended.")
    retired: list[str] = Field(description="Prove old rows of the audit log, and seal nothing.")


class System(Output):
    """How this installation fares."""

    versions: Versions
    database: DatabaseFacts
    jobs: list[Job] = Field(description="Those in trouble first.")
    mail: MailFacts
    events: list[StateCount] = Field(description="Of payment services, of the last 30 days.")
    uploads: TableSize = Field(description="Files that customers handed in.")
    uploaded: int = Field(description="How many.")
    backups: Backups
    master_keys: MasterKeys


class Setting(Output):
    """A setting in force in the process that answers."""

    name: str
    group: str
    value: str
    secret: bool = Field(description="Of a secret, the value says only whether it is set.")
    source: Literal["environment", "file", "default"]


class MailRow(Output):
    """A mail of the outbox."""

    id: str
    kind: str
    recipient: str = Field(description="Masked for who does not run this installation.")
    subject: str
    language: str
    state: MailState
    created_at: Moment
    sent_at: Moment | None
    due_at: Moment
    expires_at: Moment = Field(description="When its link ends and its text is taken away.")
    attempts: int
    last_error: str | None
    again: bool = Field(description="Whether it can be sent again.")


class MailRead(MailRow):
    """A mail with its text."""

    text: str | None = Field(description="null once it was delivered or its link has ended.")


class MailActed(MailRow, Acted):
    """A mail after an act."""


class SystemAct(Input):
    """Why."""

    reason: Reason


class RestoreDrill(Input):
    """A restore that was tried elsewhere."""

    what: Text = Field(min_length=1, max_length=200, description="Which backup, and what came of it.")
    reason: Reason


class DrillActed(Backups, Acted):
    """The backups after a drill was noted."""
