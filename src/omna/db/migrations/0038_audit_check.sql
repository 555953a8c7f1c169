-- The request that an act came with, what the audit log is read by, and what was found when the chains were checked.

-- Sealed only where it is there: rows from before keep the seal they have.
ALTER TABLE audit_log ADD COLUMN request_id text CHECK (request_id <> '');

-- Newest first by whatever is asked for. Nothing that is not asked for together has an index together.
CREATE INDEX audit_log_by_actor ON audit_log (actor, seq);
CREATE INDEX audit_log_by_subject ON audit_log (subject, seq);
CREATE INDEX audit_log_by_action ON audit_log (action, seq);
CREATE INDEX audit_log_by_noun ON audit_log (split_part(action, '.', 1), seq);
CREATE INDEX audit_log_by_origin ON audit_log (origin, seq);
CREATE INDEX audit_log_by_request ON audit_log (request_id, seq) WHERE request_id IS NOT NULL;
CREATE INDEX audit_log_by_time ON audit_log (at);

-- Every check of the audit log: how far it reached, and what it found. A head that was checked once is compared again
-- by every later check of all rows, so a tail that was cut off is missed as well.
CREATE TABLE audit_checks (
    check_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    scope      text NOT NULL CHECK (scope IN ('all', 'new')),
    rows       bigint NOT NULL CHECK (rows >= 0),
    findings   bigint NOT NULL CHECK (findings >= 0),
    broken     jsonb NOT NULL,  -- the first of them: [{"seq": 3, "problem": "…"}]
    head_seq   bigint NOT NULL CHECK (head_seq >= 0),
    head_seal  bytea NOT NULL CHECK (octet_length(head_seal) = 32)
);
GRANT SELECT, INSERT, DELETE ON audit_checks TO omna_runtime;

-- The same of the books: which rows broke which invariant, the first of them.
ALTER TABLE ledger_checks ADD COLUMN broken jsonb NOT NULL DEFAULT '[]';

-- Chains that somebody wants checked now; a worker takes them up.
CREATE TABLE check_requests (
    chain    text PRIMARY KEY CHECK (chain IN ('audit', 'ledger')),
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked_by text NOT NULL,
    begun_at timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON check_requests TO omna_runtime;
