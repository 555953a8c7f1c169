"""What a database says about itself, to an operator."""

from dataclasses import dataclass
from datetime import datetime

from omna.db.migrate import function_files, migrations
from omna.db.pool import Connection


@dataclass(frozen=True, slots=True)
class Facts:
    """A database server, and ours in it.

    size            bytes of the database
    connections     to this database, of all that the server allows
    replicas        servers that stream from this one, as far as we may see them
    replica         whether this is itself one
    """

    version: str
    started_at: datetime
    size: int
    connections: int
    most_connections: int
    replicas: int
    replica: bool


@dataclass(frozen=True, slots=True)
class Schema:
    """What of the schema is applied. `missing` names what this release wants beyond that.

    unknown     what this release knows nothing of: a later one was here
    """

    migrations: int
    newest: str
    applied_at: datetime
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


async def facts(connection: Connection) -> Facts:
    row = await connection.fetchrow(
        """SELECT current_setting('server_version') AS version, pg_postmaster_start_time() AS started_at,
                  pg_database_size(current_database()) AS size,
                  (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
                  current_setting('max_connections')::integer AS most_connections,
                  (SELECT count(*) FROM pg_stat_replication) AS replicas, pg_is_in_recovery() AS replica"""
    )
    assert row is not None
    return Facts(**row)


async def largest(connection: Connection, limit: int) -> list[tuple[str, int]]:
    """Return the tables that take most room, partitions with their table, with the bytes of data and indexes."""
    rows = await connection.fetch(
        """SELECT root.relname AS name, sum(pg_total_relation_size(c.oid))::bigint AS bytes
           FROM pg_class AS c
           JOIN pg_class AS root ON root.oid = coalesce(pg_partition_root(c.oid), c.oid)
           WHERE c.relnamespace = 'omna'::regnamespace AND c.relkind IN ('r', 'p')
           GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $1""",
        limit,
    )
    return [(row["name"], row["bytes"]) for row in rows]


async def schema(connection: Connection) -> Schema:
    """Return how far the schema is, compared with the files of this release."""
    applied = await connection.fetch("SELECT number, name, applied_at FROM schema_migrations ORDER BY number")
    functions = {
        row["name"]: row["sha256"] for row in await connection.fetch("SELECT name, sha256 FROM schema_functions")
    }
    known = {row["number"] for row in applied}
    missing = [script.name for script in migrations() if script.number not in known]
    missing += [script.name for script in function_files() if functions.get(script.name) != script.digest]
    ours = {script.number for script in migrations()}
    unknown = tuple(row["name"] for row in applied if row["number"] not in ours)
    return Schema(len(applied), applied[-1]["name"], max(row["applied_at"] for row in applied), tuple(missing), unknown)
