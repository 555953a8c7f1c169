"""SQL of the dashboard: what waits for somebody, and what was recharged.

Reads  recharges, refunds, disputes, payment_events, tickets, users, credit_proposals, promo_codes, risk_cases, alerts
"""

from datetime import datetime

from asyncpg import Record

from omna.db.pool import Connection


async def waiting(connection: Connection) -> list[Record]:
    """Return what waits for staff: kind, how many, and since when the oldest does."""
    return list(
        await connection.fetch(
            """SELECT 'recharges' AS kind, count(*) AS waiting, min(submitted_at) AS oldest
               FROM recharges WHERE state = 'submitted'
               UNION ALL
               SELECT 'refunds', count(*), min(created_at) FROM refunds
               WHERE state IN ('requested', 'approved', 'failed')
               UNION ALL
               SELECT 'disputes', count(*), min(opened_at) FROM disputes
               WHERE state IN ('warned', 'inquiry', 'open') AND evidence_sent_at IS NULL
               UNION ALL
               SELECT 'payment_events', count(*), min(received_at) FROM payment_events WHERE state = 'failed'
               UNION ALL
               SELECT 'credits', count(*), min(created_at) FROM credit_proposals
               WHERE state = 'open' AND expires_at > clock_timestamp()
               UNION ALL
               SELECT 'tickets', count(*), min(customer_spoke_at) FROM tickets WHERE state = 'open'
               UNION ALL
               SELECT 'risk', count(*), min(opened_at) FROM risk_cases WHERE state = 'open'
               UNION ALL
               SELECT 'alerts', count(*), min(opened_at) FROM alerts WHERE state = 'open'
               UNION ALL
               SELECT 'sign_ups', count(*), min(created_at) FROM users
               WHERE approved_at IS NULL AND disabled_at IS NULL AND deleted_at IS NULL"""
        )
    )


async def recharged(connection: Connection, since: datetime) -> dict[datetime, int]:
    """Return the Credits that were bought, by UTC day; what was paid in test mode is left out."""
    rows = await connection.fetch(
        "SELECT date_trunc('day', credited_at, 'UTC') AS day, sum(credits)::bigint AS credits FROM recharges"
        " WHERE credited_at >= $1 AND NOT test_mode GROUP BY 1",
        since,
    )
    return {row["day"]: row["credits"] for row in rows}
