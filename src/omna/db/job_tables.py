"""The tables of the job library, which keeps them itself; Omna says where they are and who may use them."""

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.queries import Queries

from omna.db.names import RUNTIME, SCHEMA

_TABLES = ("pgqueuer", "pgqueuer_log", "pgqueuer_statistics", "pgqueuer_schedules")


async def apply(connection: asyncpg.Connection) -> list[str]:
    """Make the tables, or bring them up to date; return ["pgqueuer"] when something changed."""
    queries = Queries(AsyncpgDriver(connection), qbe=QueryBuilderEnvironment(job_settings()))
    plan = await queries.apply_upgrade()
    for table in _TABLES:
        await connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {table} TO {RUNTIME}")
    await connection.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {RUNTIME}")
    return ["pgqueuer"] if plan.statements else []


def job_settings() -> DBSettings:
    """Return where the job library keeps its tables: in our schema, written ahead like everything else."""
    return DBSettings(db_schema=SCHEMA, prefix="", durability=Durability.durable)
