"""What is over disappears; what is not stays."""

import asyncpg

from omna.ids import new_id
from omna.worker.accounts import sweep_accounts

TABLES = ("sessions", "sign_in_challenges", "mail_links", "step_up_grants", "throttles")


async def counts(pool: asyncpg.Pool) -> list[int]:
    return [await pool.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES]


async def test_only_what_is_over_is_deleted(pool: asyncpg.Pool) -> None:
    for number, ends in enumerate(("now() + interval '1 hour'", "now() - interval '8 days'")):
        token = bytes([number])
        await pool.execute(
            "INSERT INTO sessions (session_id, user_id, token_digest, method, user_agent, origin, ends_at)"
            f" VALUES ($1, $1, $2, 'password', '', '', {ends})",
            new_id(),
            token,
        )
        await pool.execute(
            "INSERT INTO sign_in_challenges (challenge_id, user_id, token_digest, method, credential_version, ends_at)"
            f" VALUES ($1, $1, $2, 'password', 1, {ends})",
            new_id(),
            token,
        )
        await pool.execute(
            "INSERT INTO mail_links (token_digest, user_id, purpose, email, email_normalized, credential_version,"
            f" ends_at) VALUES ($1, $2, 'verify', 'a', 'a', 1, {ends})",
            token,
            new_id(),
        )
        await pool.execute(f"INSERT INTO step_up_grants VALUES ($1, 'a', '', {ends})", new_id())
    await pool.execute("INSERT INTO throttles (subject, tries) VALUES ('new', 5)")
    await pool.execute("INSERT INTO throttles (subject, tries, last_at) VALUES ('old', 5, now() - interval '31 days')")
    await sweep_accounts(pool)
    assert await counts(pool) == [1, 1, 1, 1, 1]
    await pool.execute("UPDATE sessions SET last_seen_at = now() - interval '12 hours 1 minute'")
    await sweep_accounts(pool)
    assert await counts(pool) == [0, 1, 1, 1, 1]
