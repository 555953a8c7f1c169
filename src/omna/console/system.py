"""/api/console/system: how this installation fares, for those who run it and those who check them."""

import platform
from typing import Annotated, Any

from fastapi import Request

from omna import __version__
from omna.audit import service as audit
from omna.audit.acting import Act
from omna.config import Settings, resolved
from omna.console.system_schemas import (
    Backups,
    DatabaseFacts,
    DrillActed,
    DrillNote,
    Job,
    MailFacts,
    MasterKeys,
    RestoreDrill,
    Setting,
    StateCount,
    System,
    TableSize,
    Versions,
)
from omna.db import facts as database
from omna.db.pool import Connection
from omna.http.access import Reading, StaffCan, Work
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.jobs import runs
from omna.mail import service as mail
from omna.mail.smtp import server_of
from omna.payments.checkout import desk
from omna.uploads import service as uploads
from omna.vault import drills
from omna.vault import service as vault
from omna.vault.drills import Drill
from omna.vault.keyring import Keyring

router = Router(prefix="/api/console/system", tags=["console"])

Operator = Annotated[Person, StaffCan(StaffRight.CONFIGURATION)]
Owner = Annotated[Person, StaffCan(StaffRight.OWN)]

_LARGEST_TABLES = 10


@router.get("")
async def get_system(who: Operator, connection: Reading, http: Request) -> System:
    """Return versions, database, jobs, outbox, events, backups and key ids; no secret."""
    settings: Settings = http.app.state.settings
    facts, schema = await database.facts(connection), await database.schema(connection)
    files, size = await uploads.total(connection)
    _, late, _ = await mail.backlog(connection)
    return System(
        versions=Versions(
            omna=__version__,
            python=platform.python_version(),
            postgresql=facts.version,
            migrations=schema.migrations,
            newest_migration=schema.newest,
            migrated_at=schema.applied_at,
            missing=list(schema.missing),
        ),
        database=DatabaseFacts(
            embedded=not settings.database.url,
            started_at=facts.started_at,
            bytes=facts.size,
            connections=facts.connections,
            most_connections=facts.most_connections,
            replicas=facts.replicas,
            replica=facts.replica,
            largest=[
                TableSize(name=name, bytes=used) for name, used in await database.largest(connection, _LARGEST_TABLES)
            ],
        ),
        jobs=[Job.model_validate(run, from_attributes=True) for run in await runs.runs(connection)],
        mail=MailFacts(
            server=server_of(settings.mail) is not None,
            states=[
                StateCount(state=state, count=count, since=oldest)
                for state, count, oldest in await mail.counts(connection)
            ],
            late=late,
        ),
        events=[
            StateCount(state=row["state"], count=row["count"], since=row["last_at"])
            for row in await desk.counts(connection)
        ],
        uploads=TableSize(name="uploads", bytes=size),
        uploaded=files,
        backups=Backups(**await _backups(connection)),
        master_keys=await _keys(connection, http.app.state.keyring),
    )


@router.get("/settings")
async def list_settings(who: Operator, http: Request) -> list[Setting]:
    """Return every setting in force in the process that answers, and where its value comes from. Secrets say `set`."""
    settings: Settings = http.app.state.settings
    return [
        Setting.model_validate(
            {
                "name": one.name,
                "group": one.group,
                "value": _text(one.value),
                "secret": one.secret,
                "source": one.source,
            }
        )
        for one in resolved(settings)
    ]


@router.post("/restore-drill")
async def note_drill(body: RestoreDrill, who: Owner, connection: Work, act: Act) -> DrillActed:
    """Note that a backup was restored somewhere and looked at: only then it is known to be one."""
    await drills.note(connection, drills.DRILL, body.what, 0)
    seq = await audit.record(
        connection, act(who), "backup.drill", "installation", reason=body.reason, after={"what": body.what}
    )
    return DrillActed(**await _backups(connection), audit_seq=seq)


async def _backups(connection: Connection) -> dict[str, Any]:
    names = {"backup": drills.BACKUP, "restored": drills.RESTORED, "drill": drills.DRILL}
    return {field: _noted(await drills.last(connection, name)) for field, name in names.items()}


def _noted(drill: Drill | None) -> DrillNote | None:
    return None if drill is None else DrillNote(at=drill.at, what=drill.what, number=drill.number)


async def _keys(connection: Connection, keyring: Keyring) -> MasterKeys:
    current, *older = keyring.ids
    return MasterKeys(current=current, older=older, retired=await vault.retired_ids(connection))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
