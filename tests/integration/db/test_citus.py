"""The schema can be spread over several servers by workspace, should one no longer hold (Citus)."""

import asyncpg

#: What grows with the use of workspaces: rows of one workspace lie together, and every key begins with it.
DISTRIBUTED = (
    "chat_attachments", "chat_files", "chat_folders", "chat_messages", "chat_pieces", "chat_presets", "chat_prompts",
    "chat_spend", "chats", "entries", "hold_promos", "holds", "idempotent_requests", "key_rates", "key_spend",
    "ledger_corrections", "ledger_line_marks", "ledger_lines", "promo_grants", "requests", "running_requests",
    "transfers", "usage_sums", "wallets", "workspace_spend",
)  # fmt: skip


async def test_every_key_of_what_grows_begins_with_the_workspace(connection: asyncpg.Connection) -> None:
    needed = await connection.fetch(
        """SELECT attrelid::regclass::text AS name FROM pg_attribute
           WHERE attrelid = ANY($1::text[]::regclass[]) AND attname = 'workspace_id' AND attnotnull""",
        list(DISTRIBUTED),
    )
    assert {row["name"] for row in needed} == set(DISTRIBUTED)
    # A distributed table can enforce only what one shard can see.
    leading = await connection.fetch(
        """SELECT i.indexrelid::regclass::text AS name, a.attname AS first
           FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
           WHERE i.indrelid = ANY($1::text[]::regclass[]) AND i.indisunique""",
        list(DISTRIBUTED),
    )
    assert {row["name"]: row["first"] for row in leading if row["first"] != "workspace_id"} == {}


async def test_what_grows_refers_only_to_rows_of_the_same_workspace(connection: asyncpg.Connection) -> None:
    references = await connection.fetch(
        """SELECT c.conrelid::regclass::text AS table, c.confrelid::regclass::text AS target, pg_get_constraintdef(c.oid) AS text
           FROM pg_constraint AS c WHERE c.contype = 'f' AND c.conparentid = 0 AND c.conrelid::regclass::text = ANY($1)""",
        list(DISTRIBUTED),
    )
    assert [
        row["text"]
        for row in references
        if row["target"] not in DISTRIBUTED or not row["text"].startswith("FOREIGN KEY (workspace_id")
    ] == []


async def test_what_holds_a_workspace_and_is_not_listed_stays_small(connection: asyncpg.Connection) -> None:
    """A new table with a workspace is put on one of the two lists by whoever makes it."""
    small = {
        "api_keys", "auto_top_ups", "billing_details", "chat_departures", "chat_shares", "credit_proposals", "disputes",
        "invitations", "limit_notices", "low_balance_notices", "management_keys", "members", "payment_events",
        "payment_steps", "payments", "promo_redemptions", "recharges", "refunds", "risk_cases", "risk_events",
        "risk_hits", "risk_trusted", "sandbox_checkouts", "ticket_attachments", "ticket_messages", "ticket_subjects",
        "tickets", "uploads", "viewed_workspaces", "workspaces",
    }  # fmt: skip
    found = await connection.fetch(
        """SELECT c.relname::text AS name FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
           WHERE c.relnamespace = 'omna'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
             AND a.attname = 'workspace_id' AND NOT a.attisdropped"""
    )
    assert {row["name"] for row in found} == small | set(DISTRIBUTED)
