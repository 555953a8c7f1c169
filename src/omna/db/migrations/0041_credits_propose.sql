-- Manual Credits under four eyes, and charges that are given back.

-- What comes back repays a debt first, as everywhere.
INSERT INTO ledger_rules (kind, account) VALUES ('usage_refund', 'debt');

-- Every manual act over Credits: what one person booked at once, and what waits for a second one.
CREATE TABLE credit_proposals (
    proposal_id      uuid PRIMARY KEY,
    workspace_id     uuid NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('adjustment', 'promo', 'usage_refund')),
    -- Nanocredits; below zero they are taken.
    amount           bigint NOT NULL CHECK (amount <> 0),
    -- When promo Credits end; NULL: never.
    promo_expires_at timestamptz,
    -- The request whose charge is given back.
    request_id       uuid,
    -- What the customer reads in the ledger, and what staff alone read.
    note             text NOT NULL,
    reason           text NOT NULL,
    state            text NOT NULL CHECK (state IN ('open', 'booked', 'rejected', 'withdrawn', 'expired')),
    -- `usr_…` or `cli:NAME`, as in the audit log.
    proposer         text NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at       timestamptz NOT NULL,
    decider          text,
    decided_at       timestamptz,
    answer           text NOT NULL DEFAULT '',
    transfer_id      uuid,
    -- Booked above the threshold without a second person, because nobody else could approve.
    alone            boolean NOT NULL DEFAULT false,
    CHECK ((kind = 'usage_refund') = (request_id IS NOT NULL)),
    CHECK (kind = 'adjustment' OR amount > 0),
    CHECK (kind = 'promo' OR promo_expires_at IS NULL),
    CHECK ((state = 'booked') = (transfer_id IS NOT NULL)),
    CHECK ((state = 'open') = (decided_at IS NULL))
);
-- A charge is given back once, and one proposal at a time says so.
CREATE UNIQUE INDEX credit_proposals_once ON credit_proposals (workspace_id, request_id) WHERE state IN ('open', 'booked');
CREATE INDEX credit_proposals_open ON credit_proposals (expires_at) WHERE state = 'open';
CREATE INDEX credit_proposals_of_workspace ON credit_proposals (workspace_id, proposal_id);

GRANT SELECT, INSERT, UPDATE ON credit_proposals TO omna_runtime;
