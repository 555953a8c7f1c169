-- The ledger: wallets that authorize, transfers with entries that sum to zero, open holds, and a hash chain.
-- The runtime role reads these tables and writes them only through the functions of ledger/booking.sql.

CREATE TYPE ledger_account AS ENUM (
    -- of a workspace, stored in its wallet row
    'available_paid', 'available_promo', 'held_paid', 'held_promo', 'debt', 'refund_pending',
    -- of the platform, record only
    'recharge_clearing', 'promo_issued', 'revenue', 'breakage', 'refunds_out', 'chargeback_clearing',
    'chargeback_loss', 'bad_debt', 'overrun_absorbed', 'adjustments'
);

CREATE TYPE transfer_kind AS ENUM (
    'recharge', 'promo_grant', 'hold', 'extend', 'settle', 'overrun', 'release', 'expire', 'promo_expiry',
    'refund_approved', 'refund_paid', 'refund_failed', 'usage_refund',
    'chargeback_opened', 'chargeback_won', 'chargeback_lost', 'debt_written_off', 'adjustment'
);

-- Which accounts each operation may touch; `omna ledger verify` compares every entry with it.
CREATE TABLE ledger_rules (
    kind    transfer_kind NOT NULL,
    account ledger_account NOT NULL,
    PRIMARY KEY (kind, account)
);
INSERT INTO ledger_rules (kind, account)
SELECT rule.kind::transfer_kind, unnest(rule.accounts)::ledger_account
FROM (VALUES
    ('recharge',          ARRAY['recharge_clearing', 'debt', 'available_paid']),
    ('promo_grant',       ARRAY['promo_issued', 'available_promo']),
    ('hold',              ARRAY['available_promo', 'held_promo', 'available_paid', 'held_paid']),
    ('extend',            ARRAY['available_promo', 'held_promo', 'available_paid', 'held_paid']),
    ('settle',            ARRAY['held_promo', 'held_paid', 'revenue', 'available_promo', 'available_paid', 'breakage']),
    ('overrun',           ARRAY['available_paid', 'debt', 'overrun_absorbed', 'revenue']),
    ('release',           ARRAY['held_promo', 'held_paid', 'available_promo', 'available_paid', 'breakage']),
    ('expire',            ARRAY['held_promo', 'held_paid', 'available_promo', 'available_paid', 'breakage']),
    ('promo_expiry',      ARRAY['available_promo', 'breakage']),
    ('refund_approved',   ARRAY['available_paid', 'refund_pending']),
    ('refund_paid',       ARRAY['refund_pending', 'refunds_out']),
    ('refund_failed',     ARRAY['refund_pending', 'available_paid']),
    ('usage_refund',      ARRAY['revenue', 'available_promo', 'available_paid']),
    ('chargeback_opened', ARRAY['available_paid', 'debt', 'chargeback_clearing']),
    ('chargeback_won',    ARRAY['available_paid', 'debt', 'chargeback_clearing']),
    ('chargeback_lost',   ARRAY['chargeback_clearing', 'recharge_clearing']),
    ('debt_written_off',  ARRAY['debt', 'bad_debt']),
    ('adjustment',        ARRAY['adjustments', 'debt', 'available_paid'])
) AS rule (kind, accounts);

-- One row per workspace: the only balances that authorize anything, so the only ones that are locked.
-- fillfactor leaves room for the new row version on the same page; no index may ever cover a balance (HOT updates).
CREATE TABLE wallets (
    workspace_id    uuid PRIMARY KEY,
    seq             bigint NOT NULL DEFAULT 0,
    available_paid  bigint NOT NULL DEFAULT 0,
    available_promo bigint NOT NULL DEFAULT 0,
    held_paid       bigint NOT NULL DEFAULT 0,
    held_promo      bigint NOT NULL DEFAULT 0,
    debt            bigint NOT NULL DEFAULT 0,
    refund_pending  bigint NOT NULL DEFAULT 0,
    -- How many entries each account has: the next entry's version is one more.
    available_paid_version  bigint NOT NULL DEFAULT 0,
    available_promo_version bigint NOT NULL DEFAULT 0,
    held_paid_version       bigint NOT NULL DEFAULT 0,
    held_promo_version      bigint NOT NULL DEFAULT 0,
    debt_version            bigint NOT NULL DEFAULT 0,
    refund_pending_version  bigint NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    -- One CHECK for all bounds: each is prepared anew by every statement of the hot path.
    CONSTRAINT wallets_bounded CHECK (
        least(available_paid, available_promo, held_paid, held_promo, refund_pending, -debt) >= 0)
) WITH (fillfactor = 50);

-- seq numbers the transfers of a wallet without gaps, in booking order: the order of a statement.
CREATE TABLE transfers (
    workspace_id uuid NOT NULL,
    transfer_id  uuid NOT NULL,
    seq          bigint NOT NULL,
    kind         transfer_kind NOT NULL,
    hold_id      uuid,
    fingerprint  uuid NOT NULL,
    booked_at    timestamptz NOT NULL,
    actor        text,
    reason       text,
    PRIMARY KEY (workspace_id, transfer_id)
);
CREATE UNIQUE INDEX transfers_in_order ON transfers (workspace_id, seq);
-- A hold is resolved at most once, whoever tries.
CREATE UNIQUE INDEX transfers_resolve_once ON transfers (workspace_id, hold_id)
    WHERE kind IN ('settle', 'release', 'expire');
CREATE INDEX transfers_extending ON transfers (workspace_id, hold_id) WHERE kind = 'extend';
CREATE INDEX transfers_by_time ON transfers USING brin (booked_at) WITH (pages_per_range = 16);

CREATE TABLE entries (
    workspace_id  uuid NOT NULL,
    transfer_id   uuid NOT NULL,
    account       ledger_account NOT NULL,
    amount        bigint NOT NULL,
    -- On workspace accounts only: the running balance and the gap-free number of this entry on its account.
    balance_after bigint,
    version       bigint,
    PRIMARY KEY (workspace_id, transfer_id, account),
    CONSTRAINT entries_whole CHECK (
        amount <> 0
        AND CASE WHEN account > 'refund_pending' THEN balance_after IS NULL AND version IS NULL
                 WHEN account = 'debt' THEN balance_after <= 0 AND version > 0
                 ELSE balance_after >= 0 AND version > 0 END IS TRUE)
);

-- Open holds only: resolving one removes the row, and the transfer that resolved it is the lasting record.
CREATE TABLE holds (
    workspace_id uuid NOT NULL,
    hold_id      uuid NOT NULL,
    paid         bigint NOT NULL,
    promo        bigint NOT NULL,
    lease_until  timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, hold_id),
    CONSTRAINT holds_bounded CHECK (least(paid, promo) >= 0)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);
CREATE INDEX holds_by_lease ON holds (lease_until);

-- A promo grant: what is left of it to spend. What open holds took of it stands in hold_promos.
CREATE TABLE promo_grants (
    workspace_id uuid NOT NULL,
    grant_id     uuid NOT NULL,
    expires_at   timestamptz NOT NULL DEFAULT 'infinity',
    amount       bigint NOT NULL CHECK (amount > 0),
    remaining    bigint NOT NULL CHECK (remaining BETWEEN 0 AND amount),
    PRIMARY KEY (workspace_id, grant_id)
) WITH (fillfactor = 70);
CREATE INDEX promo_grants_to_expire ON promo_grants (expires_at) WHERE remaining > 0;

CREATE TABLE hold_promos (
    workspace_id uuid NOT NULL,
    hold_id      uuid NOT NULL,
    grant_id     uuid NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (workspace_id, hold_id, grant_id)
);

-- The hash chain over everything booked until `sealed_until`; see ledger/sealing.sql.
CREATE TABLE ledger_blocks (
    height       bigint PRIMARY KEY CHECK (height >= 0),
    sealed_until timestamptz NOT NULL,
    transfers    bigint NOT NULL,
    digest       bytea NOT NULL CHECK (octet_length(digest) = 32),
    sealed_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO ledger_blocks (height, sealed_until, transfers, digest)
VALUES (0, '-infinity', 0, sha256('omna ledger chain v1'));

-- Up to here nothing is booked any more, so this much may be sealed; see ledger_fence().
CREATE TABLE ledger_fences (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    until    timestamptz NOT NULL
);
INSERT INTO ledger_fences (until) VALUES ('-infinity');

CREATE TRIGGER transfers_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_blocks_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_blocks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE transfers ENABLE ALWAYS TRIGGER transfers_immutable;
ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_immutable;
ALTER TABLE ledger_blocks ENABLE ALWAYS TRIGGER ledger_blocks_immutable;

GRANT SELECT ON ledger_rules, wallets, transfers, entries, holds, promo_grants, hold_promos, ledger_blocks,
    ledger_fences TO omna_runtime;
