-- The invariants of the ledger as queries. Each returns the rows that break it: (subject, detail), none when all is well.
-- A line `--> name: sentence` begins one.

--> transfers_balance: the entries of every transfer sum to zero
SELECT e.transfer_id::text AS subject, 'entries sum to ' || sum(e.amount) AS detail
FROM entries AS e GROUP BY e.workspace_id, e.transfer_id HAVING sum(e.amount) <> 0

--> entries_have_transfers: every entry belongs to a transfer
SELECT e.transfer_id::text AS subject, 'an entry without its transfer' AS detail
FROM entries AS e LEFT JOIN transfers AS t USING (workspace_id, transfer_id) WHERE t.transfer_id IS NULL

--> allowed_accounts: each operation touches only the accounts it may
SELECT t.transfer_id::text AS subject, t.kind || ' on ' || e.account AS detail
FROM transfers AS t JOIN entries AS e USING (workspace_id, transfer_id)
LEFT JOIN ledger_rules AS rule ON rule.kind = t.kind AND rule.account = e.account WHERE rule.kind IS NULL

--> balances_chain: every balance_after is the one before plus the amount, and versions have no gaps
SELECT chained.transfer_id::text AS subject, chained.account || ' version ' || chained.version AS detail
FROM (
    SELECT e.transfer_id, e.account, e.version, e.balance_after,
           sum(e.amount) OVER line AS expected, row_number() OVER line AS expected_version
    FROM entries AS e WHERE e.version IS NOT NULL
    WINDOW line AS (PARTITION BY e.workspace_id, e.account ORDER BY e.version)
) AS chained
WHERE chained.balance_after <> chained.expected OR chained.version <> chained.expected_version

--> wallets_match: every wallet equals the sum and the number of its entries
SELECT w.workspace_id::text AS subject, account.name || ' is ' || account.balance || ' v' || account.version
       || ', entries say ' || coalesce(e.total, 0) || ' v' || coalesce(e.entries, 0) AS detail
FROM wallets AS w
CROSS JOIN LATERAL (VALUES
    ('available_paid'::ledger_account, w.available_paid, w.available_paid_version),
    ('available_promo', w.available_promo, w.available_promo_version),
    ('held_paid', w.held_paid, w.held_paid_version), ('held_promo', w.held_promo, w.held_promo_version),
    ('debt', w.debt, w.debt_version), ('refund_pending', w.refund_pending, w.refund_pending_version)
) AS account (name, balance, version)
LEFT JOIN (
    SELECT e.workspace_id, e.account, sum(e.amount) AS total, count(*) AS entries FROM entries AS e GROUP BY 1, 2
) AS e ON e.workspace_id = w.workspace_id AND e.account = account.name
WHERE account.balance <> coalesce(e.total, 0) OR account.version <> coalesce(e.entries, 0)

--> transfers_numbered: the transfers of a wallet are numbered without gaps
SELECT w.workspace_id::text AS subject, 'wallet says ' || w.seq || ', transfers count ' || coalesce(t.transfers, 0) AS detail
FROM wallets AS w
LEFT JOIN (SELECT workspace_id, count(*) AS transfers, max(seq) AS last FROM transfers GROUP BY 1) AS t USING (workspace_id)
WHERE w.seq <> coalesce(t.transfers, 0) OR w.seq <> coalesce(t.last, 0)

--> wallets_bounded: nothing available or held is below zero, and debt is not above it
SELECT w.workspace_id::text AS subject, 'a balance is out of bounds' AS detail
FROM wallets AS w
WHERE least(w.available_paid, w.available_promo, w.held_paid, w.held_promo, w.refund_pending) < 0 OR w.debt > 0

--> debts_grow: a debt grows by chargebacks and overruns alone
SELECT t.transfer_id::text AS subject, t.kind || ' made a debt of ' || -e.amount AS detail
FROM entries AS e JOIN transfers AS t USING (workspace_id, transfer_id)
WHERE e.account = 'debt' AND e.amount < 0 AND t.kind NOT IN ('chargeback_opened', 'overrun')

--> claims_bounded: no workspace won or lost more than its disputes took, and no refund failed that was not paid
SELECT e.workspace_id::text AS subject, e.account || ' is ' || sum(e.amount) AS detail
FROM entries AS e WHERE e.account IN ('chargeback_clearing', 'refunds_out')
GROUP BY e.workspace_id, e.account HAVING sum(e.amount) < 0

--> usage_given_back_once: a charge is given back at most once, never more than it was, and every refund of usage names its charge
SELECT t.transfer_id::text AS subject, 'gave back ' || -e.amount || ' of ' || coalesce(charge.amount, 0) || ', refund '
       || coalesce(charge.number, 0) || ' of it' AS detail
FROM transfers AS t
JOIN entries AS e ON e.workspace_id = t.workspace_id AND e.transfer_id = t.transfer_id AND e.account = 'revenue'
LEFT JOIN LATERAL (
    SELECT paid.amount, (
        SELECT count(*) FROM ledger_corrections AS other
        JOIN transfers AS o ON o.workspace_id = other.workspace_id AND o.transfer_id = other.transfer_id
        WHERE other.workspace_id = c.workspace_id AND other.corrects = c.corrects AND o.kind = 'usage_refund'
    ) AS number
    FROM ledger_corrections AS c
    JOIN transfers AS s ON s.workspace_id = c.workspace_id AND s.transfer_id = c.corrects AND s.kind = 'settle'
    JOIN entries AS paid ON paid.workspace_id = c.workspace_id AND paid.transfer_id = c.corrects AND paid.account = 'revenue'
    WHERE c.workspace_id = t.workspace_id AND c.transfer_id = t.transfer_id
) AS charge ON true
WHERE t.kind = 'usage_refund' AND (charge.amount IS NULL OR charge.number <> 1 OR -e.amount > charge.amount)

--> holds_match: what a wallet holds is the sum of its open holds, per bucket
SELECT w.workspace_id::text AS subject, 'held ' || w.held_paid || ' + ' || w.held_promo || ', open holds '
       || coalesce(h.paid, 0) || ' + ' || coalesce(h.promo, 0) AS detail
FROM wallets AS w
LEFT JOIN (SELECT workspace_id, sum(paid) AS paid, sum(promo) AS promo FROM holds GROUP BY 1) AS h USING (workspace_id)
WHERE w.held_paid <> coalesce(h.paid, 0) OR w.held_promo <> coalesce(h.promo, 0)

--> holds_resolve_once: a hold is open or resolved once, never both and never neither
SELECT t.hold_id::text AS subject, count(done.transfer_id) || ' resolutions, open: ' || bool_or(h.hold_id IS NOT NULL) AS detail
FROM transfers AS t
LEFT JOIN transfers AS done ON done.workspace_id = t.workspace_id AND done.hold_id = t.hold_id
     AND done.kind IN ('settle', 'release', 'expire')
LEFT JOIN holds AS h ON h.workspace_id = t.workspace_id AND h.hold_id = t.hold_id
WHERE t.kind = 'hold'
GROUP BY t.workspace_id, t.hold_id
HAVING count(done.transfer_id) + count(h.hold_id) <> 1

--> promos_match: what can be spent of promo Credits is what is left of the grants, and holds name their grants
SELECT w.workspace_id::text AS subject, 'available_promo ' || w.available_promo || ', grants ' || coalesce(g.remaining, 0) AS detail
FROM wallets AS w
LEFT JOIN (SELECT workspace_id, sum(remaining) AS remaining FROM promo_grants GROUP BY 1) AS g USING (workspace_id)
WHERE w.available_promo <> coalesce(g.remaining, 0)
UNION ALL
SELECT h.hold_id::text, 'promo ' || h.promo || ', parts ' || coalesce(p.amount, 0)
FROM holds AS h
LEFT JOIN (SELECT workspace_id, hold_id, sum(amount) AS amount FROM hold_promos GROUP BY 1, 2) AS p USING (workspace_id, hold_id)
WHERE h.promo <> coalesce(p.amount, 0)

--> lines_match: the stored lines of a statement chain, and end at the balance after their last transfer
SELECT line.workspace_id::text AS subject, 'line ' || line.number || ' is ' || line.balance_after || ' after '
       || coalesce(line.before, 0) || ' and ' || line.amount AS detail
FROM (
    SELECT l.workspace_id, l.number, l.amount, l.balance_after, lag(l.balance_after) OVER line AS before,
           row_number() OVER line AS expected
    FROM ledger_lines AS l WINDOW line AS (PARTITION BY l.workspace_id ORDER BY l.last_seq, l.part)
) AS line
WHERE line.balance_after <> coalesce(line.before, 0) + line.amount OR line.number <> line.expected
UNION ALL
SELECT w.workspace_id::text, 'stored lines are ' || coalesce(l.total, 0) || ', their transfers ' || coalesce(e.total, 0)
FROM wallets AS w
JOIN ledger_line_marks AS m USING (workspace_id)
LEFT JOIN (SELECT workspace_id, sum(amount) AS total FROM ledger_lines GROUP BY 1) AS l USING (workspace_id)
LEFT JOIN (
    SELECT e.workspace_id, sum(e.amount) AS total
    FROM entries AS e JOIN transfers AS t USING (workspace_id, transfer_id)
    JOIN ledger_line_marks AS m ON m.workspace_id = t.workspace_id AND t.seq <= m.seq
    WHERE e.account <= 'debt' GROUP BY 1
) AS e USING (workspace_id)
WHERE coalesce(l.total, 0) <> coalesce(e.total, 0)

--> chain_holds: every sealed block still has the digest it was sealed with, and nothing was booked behind it
SELECT 'block ' || block.height AS subject, 'sealed ' || block.transfers || ' transfers, found ' || actual.transfers AS detail
FROM (
    SELECT b.height, b.transfers, b.digest, b.sealed_until, lag(b.digest) OVER chain AS previous,
           lag(b.sealed_until) OVER chain AS after, lag(b.height) OVER chain AS below
    FROM ledger_blocks AS b WINDOW chain AS (ORDER BY b.height)
) AS block
CROSS JOIN LATERAL ledger_block_digest(block.previous, block.height, block.after, block.sealed_until) AS actual
WHERE block.height > 0
  AND (block.digest IS DISTINCT FROM actual.digest OR block.transfers <> actual.transfers OR block.below <> block.height - 1)
UNION ALL
SELECT 'block 0', 'the first block is not the one Omna begins with'
WHERE NOT EXISTS (SELECT FROM ledger_blocks WHERE height = 0 AND digest = sha256('omna ledger chain v1') AND transfers = 0)
