"""A workspace with years of use, made by SQL: requests, and holds and settlements in the ledger that fit them.

Rows go in as the gateway would have left them, in order of time, with the indexes of the ledger made afterwards; the
books verify. Models, keys, sources, outcomes and tokens vary; one request in RARE has a model of its own.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from omna.ids import new_id
from omna.money import NANO_PER_CREDIT

MODELS = ("small", "large", "fast", "reasoner", "vision", "coder", "cheap", "rare")
KEYS = 24
RARE = 200_000
#: Over how long the requests are spread, up to now.
SPREAD = timedelta(days=365)
FUNDS = 10**17
_BATCH = 1_000_000


@dataclass(frozen=True, slots=True)
class Seeded:
    """The workspace that was filled, its owner and one of its members with a single key."""

    workspace_id: UUID
    owner: UUID
    member: UUID
    keys: list[UUID]
    start: datetime
    end: datetime


async def seed(
    connection: asyncpg.Connection, rows: int, say: Callable[[str], None], end: datetime, spread: timedelta = SPREAD
) -> Seeded:
    """Fill an empty database as its superuser; search_path is the application's."""
    await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'")
    made = Seeded(new_id(), new_id(), new_id(), [new_id() for _ in range(KEYS)], end - spread, end)
    await _people(connection, made)
    await _partitions(connection, made)
    indexes = await _drop_indexes(connection)
    await _open_books(connection, made)
    charged = 0
    for first in range(0, rows, _BATCH):
        started = time.monotonic()
        count = min(_BATCH, rows - first)
        charged = await _batch(connection, made, rows, first, count, charged)
        say(f"{first + count:,} requests, {time.monotonic() - started:.0f} s")
    started = time.monotonic()
    for statement in indexes:
        await connection.execute(statement)
    say(f"indexes of the ledger, {time.monotonic() - started:.0f} s")
    await _close_books(connection, made, rows, charged)
    started = time.monotonic()
    await connection.execute("VACUUM (ANALYZE) transfers, entries, requests, wallets")
    say(f"vacuum, {time.monotonic() - started:.0f} s")
    return made


async def _people(connection: asyncpg.Connection, made: Seeded) -> None:
    provider = new_id()
    for user_id, name in ((made.owner, "Owner"), (made.member, "Member")):
        await connection.execute(
            "INSERT INTO users (user_id, email, email_normalized, name) VALUES ($1, $2, $2, $3)",
            user_id,
            f"{user_id.hex}@example.com",
            name,
        )
    await connection.execute(
        "INSERT INTO workspaces (workspace_id, kind, name) VALUES ($1, 'team', 'A busy one')", made.workspace_id
    )
    await connection.executemany(
        "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, $3)",
        [(made.workspace_id, made.owner, "owner"), (made.workspace_id, made.member, "member")],
    )
    await connection.execute(
        """INSERT INTO providers (provider_id, name, kind, base_url)
           VALUES ($1, 'bench', 'openai', 'https://bench.example')""",
        provider,
    )
    await connection.executemany(
        """INSERT INTO api_keys (key_id, workspace_id, digest, prefix, last_four, name, created_by)
           VALUES ($1, $2, sha256($3), 'omna_benc', 'mark', $4, $5)""",
        [
            (key, made.workspace_id, key.bytes, f"key {number}", made.member if number == KEYS - 1 else made.owner)
            for number, key in enumerate(made.keys)
        ],
    )
    await connection.executemany("INSERT INTO models (model_id, name) VALUES ($1, $1)", [(name,) for name in MODELS])
    await connection.executemany(
        """INSERT INTO price_versions (price_version_id, model_id, effective_from, prompt, completion, cached,
               cache_write, reasoning, request) VALUES ($1, $2, $3, $4, $5, $6, $4, $5, 0)""",
        [
            (new_id(), name, made.start - timedelta(days=1), 10**8 * n, 4 * 10**8 * n, 10**7 * n)
            for n, name in enumerate(MODELS, 1)
        ],
    )


async def _partitions(connection: asyncpg.Connection, made: Seeded) -> None:
    await connection.execute("SET ROLE omna_owner")
    month = made.start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while month <= made.end:
        following = (month + timedelta(days=32)).replace(day=1)
        await connection.execute(
            f"""DO $$ BEGIN IF to_regclass('requests_{month:%Y_%m}') IS NULL THEN
                EXECUTE format('CREATE TABLE requests_{month:%Y_%m} PARTITION OF requests FOR VALUES FROM (%L) TO (%L)',
                               first_id_at('{month.isoformat()}'), first_id_at('{following.isoformat()}'));
                END IF; END $$"""
        )
        month = following
    await connection.execute("RESET ROLE")


async def _drop_indexes(connection: asyncpg.Connection) -> list[str]:
    """Drop the indexes of the ledger's two large tables and return the statements that make them again."""
    rows = await connection.fetch(
        """SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS "table", c.conname,
                  pg_get_indexdef(i.indexrelid) AS definition, pg_get_constraintdef(c.oid) AS constraint_definition
           FROM pg_index AS i LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid AND c.contype = 'p'
           WHERE i.indrelid IN ('transfers'::regclass, 'entries'::regclass)"""
    )
    again = []
    for row in rows:
        if row["conname"]:
            await connection.execute(f"ALTER TABLE {row['table']} DROP CONSTRAINT {row['conname']}")
            again.append(f"ALTER TABLE {row['table']} ADD CONSTRAINT {row['conname']} {row['constraint_definition']}")
        else:
            await connection.execute(f"DROP INDEX {row['name']}")
            again.append(row["definition"])
    return again


async def _open_books(connection: asyncpg.Connection, made: Seeded) -> None:
    await connection.execute("INSERT INTO wallets (workspace_id) VALUES ($1)", made.workspace_id)
    recharge = new_id()
    await connection.execute(
        """INSERT INTO transfers (workspace_id, transfer_id, seq, kind, fingerprint, booked_at, actor, reason)
           VALUES ($1, $2, 1, 'recharge', $2, $3, 'bench', 'funds')""",
        made.workspace_id,
        recharge,
        made.start,
    )
    await connection.execute(
        """INSERT INTO entries VALUES ($1, $2, 'recharge_clearing', -$3::bigint, NULL, NULL),
                                      ($1, $2, 'available_paid', $3::bigint, $3::bigint, 1)""",
        made.workspace_id,
        recharge,
        FUNDS,
    )
    await connection.execute(
        """INSERT INTO recharges (workspace_id, recharge_id, channel, state, client_token, reference, credits,
                                  price_minor, currency, terms_version, created_at, expires_at, credited_at)
           VALUES ($1, $2, 'manual', 'credited', 'benchmark', 'benchmark', $3, $4, 'usd', '', $5, $5, $5)""",
        made.workspace_id,
        recharge,
        FUNDS,
        FUNDS // NANO_PER_CREDIT * 100,
        made.start,
    )
    await connection.execute(
        """INSERT INTO payments (workspace_id, payment_key, recharge_id, processor, payment_id, amount_minor, currency,
                                 credits, received_at)
           VALUES ($1, $2, $2, 'manual', 'benchmark', $4, 'usd', $3, $5)""",
        made.workspace_id,
        recharge,
        FUNDS,
        FUNDS // NANO_PER_CREDIT * 100,
        made.start,
    )


async def _batch(connection: asyncpg.Connection, made: Seeded, rows: int, first: int, count: int, charged: int) -> int:
    """Write requests number `first` and following with their bookings; return what was charged in all so far."""
    await connection.execute("DROP TABLE IF EXISTS seed")
    await _stage(connection, made, rows, first, count)
    total = await connection.fetchval("SELECT sum(charge)::bigint FROM seed")
    await connection.execute(
        """INSERT INTO requests (
               workspace_id, request_id, key_id, provider_id, route_id, price_version_id, settled_at, held, charge,
               unrounded, provider_charge, prompt_tokens, completion_tokens, cached_tokens, cache_write_tokens,
               reasoning_tokens, first_delta_ms, duration_ms, outcome, streamed, estimated, source, model_id,
               finish_reason, error_code)
           SELECT $1, request_id, CASE WHEN source = 'api' THEN ($2::uuid[])[key_number] END,
                  (SELECT provider_id FROM providers), $1, price_version_id, moment + interval '1 second',
                  2 * charge + 1, charge, unrounded, charge / 2, prompt_tokens, completion_tokens, cached_tokens, 0,
                  completion_tokens / 5, CASE WHEN outcome <> 'failed' THEN 100 + n % 700 END, 200 + n % 5000, outcome,
                  n % 2 = 0, false, source, model_id, CASE WHEN outcome = 'completed' THEN 'stop' END,
                  CASE WHEN outcome IN ('failed', 'interrupted') THEN 'provider_error' END
           FROM seed ORDER BY n""",
        made.workspace_id,
        made.keys,
        timeout=1800,
    )
    await connection.execute(
        """INSERT INTO transfers (workspace_id, transfer_id, seq, kind, hold_id, fingerprint, booked_at)
           SELECT $1, step.id, 2 * n + 2 + step.number, step.kind::transfer_kind, request_id,
                  ledger_fingerprint(request_id, step.amount), moment + step.number * interval '1 millisecond'
           FROM seed CROSS JOIN LATERAL (VALUES
               (0, request_id, 'hold', 2 * charge + 1),
               (1, transfer_id, CASE WHEN charge > 0 THEN 'settle' ELSE 'release' END, charge)
           ) AS step (number, id, kind, amount) ORDER BY n, step.number""",
        made.workspace_id,
        timeout=1800,
    )
    await connection.execute(
        """INSERT INTO entries (workspace_id, transfer_id, account, amount, balance_after, version)
           SELECT $1, leg.id, leg.account::ledger_account, leg.amount, leg.after, leg.version
           FROM (SELECT *, $2::bigint - coalesce(sum(charge) OVER (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING
                                                                  AND 1 PRECEDING), 0)::bigint AS balance
                 FROM seed) AS s
           CROSS JOIN LATERAL (VALUES
               (request_id, 'available_paid', -(2 * charge + 1), balance - (2 * charge + 1), 2 * n + 2),
               (request_id, 'held_paid', 2 * charge + 1, 2 * charge + 1, 2 * n + 1),
               (transfer_id, 'held_paid', -(2 * charge + 1), 0, 2 * n + 2),
               (transfer_id, 'available_paid', charge + 1, balance - charge, 2 * n + 3),
               (transfer_id, 'revenue', charge, NULL, NULL)
           ) AS leg (id, account, amount, after, version)
           WHERE leg.amount <> 0 ORDER BY n""",
        made.workspace_id,
        FUNDS - charged,
        timeout=3600,
    )
    await connection.execute("DROP TABLE seed")
    return charged + int(total)


async def _stage(connection: asyncpg.Connection, made: Seeded, rows: int, first: int, count: int) -> None:
    """Draw a batch of requests into the table `seed`, in order."""
    names = ", ".join(f"'{name}'" for name in MODELS)
    start, end = made.start.isoformat(), made.end.isoformat()
    await connection.execute(
        f"""CREATE UNLOGGED TABLE seed AS
        SELECT q.*, ceil(q.unrounded / 1000000)::bigint AS charge FROM (
            SELECT d.n, d.moment, d.outcome, d.prompt_tokens, d.cached_tokens, d.completion_tokens, d.key_number,
                   d.source, (lpad(to_hex((extract(epoch FROM d.moment) * 1000)::bigint), 12, '0') || '7'
                    || substr(d.digits, 1, 3) || '8' || substr(d.digits, 4, 15))::uuid AS request_id,
                   md5(d.digits)::uuid AS transfer_id, p.price_version_id, p.model_id,
                   CASE WHEN d.outcome = 'failed' THEN 0 ELSE
                        (d.prompt_tokens - d.cached_tokens)::numeric * p.prompt + d.cached_tokens::numeric * p.cached
                        + d.completion_tokens::numeric * p.completion END AS unrounded
            FROM (
                SELECT n, timestamptz '{start}' + (timestamptz '{end}' - timestamptz '{start}') * (n::float8 / {rows})
                           AS moment,
                       CASE WHEN u1 < 0.95 THEN 'completed' WHEN u1 < 0.97 THEN 'client_left'
                            WHEN u1 < 0.99 THEN 'failed' WHEN u1 < 0.995 THEN 'interrupted'
                            ELSE 'exhausted' END AS outcome,
                       CASE WHEN n % {RARE} = 7 THEN {len(MODELS)}
                            ELSE 1 + floor(u2 * u2 * {len(MODELS) - 1})::integer END AS model_number,
                       20 + floor(u4 * u4 * u4 * 12000)::integer AS prompt_tokens,
                       floor((20 + floor(u4 * u4 * u4 * 12000)) * CASE WHEN u3 < 0.4 THEN 0 ELSE u3 * 0.8 END)::integer
                           AS cached_tokens,
                       CASE WHEN u1 >= 0.97 AND u1 < 0.99 THEN 0 ELSE 1 + floor(u5 * u5 * u5 * 3000)::integer END
                           AS completion_tokens,
                       1 + floor(u6 * u6 * {KEYS})::integer AS key_number,
                       CASE WHEN u7 < 0.9 THEN 'api' ELSE 'chat' END AS source, md5(n::text || 'request') AS digits
                FROM (SELECT n, random() AS u1, random() AS u2, random() AS u3, random() AS u4, random() AS u5,
                             random() AS u6, random() AS u7
                      FROM generate_series({first}, {first + count - 1}) AS n OFFSET 0) AS chance
            ) AS d JOIN price_versions AS p ON p.model_id = (ARRAY[{names}])[d.model_number]
        ) AS q ORDER BY n""",
        timeout=1800,
    )


async def _close_books(connection: asyncpg.Connection, made: Seeded, rows: int, charged: int) -> None:
    await connection.execute(
        """UPDATE wallets SET seq = 2 * $2::bigint + 1, available_paid = $3,
               available_paid_version = 2 * $2::bigint + 1, held_paid_version = 2 * $2::bigint
           WHERE workspace_id = $1""",
        made.workspace_id,
        rows,
        FUNDS - charged,
    )
    await connection.execute(
        """INSERT INTO workspace_spend (workspace_id, day, spent, requests) VALUES ($1, $2, $3, $4)""",
        made.workspace_id,
        datetime.now(UTC).date(),
        charged,
        rows,
    )
