-- The ledger as its owner reads it: lines, each with the balance after it. Usage between two other lines is one line an
-- hour. Derived from transfers and entries by ledger/statement.sql; it may be deleted at any time and is made again.

-- A line covers the transfers of a wallet from first_seq to last_seq. Holds change no balance and are no line.
CREATE TABLE ledger_lines (
    workspace_id  uuid NOT NULL,
    last_seq      bigint NOT NULL,
    -- 1: promo Credits that expired while this transfer's hold had them, the line after its own.
    part          smallint NOT NULL CHECK (part IN (0, 1)),
    first_seq     bigint NOT NULL,
    -- Numbers the lines of a wallet without gaps.
    number        bigint NOT NULL,
    kind          text NOT NULL,
    -- The UTC hour in which it was booked.
    hour          timestamptz NOT NULL,
    transfers     bigint NOT NULL,
    amount        bigint NOT NULL,
    balance_after bigint NOT NULL,
    PRIMARY KEY (workspace_id, number),
    UNIQUE (workspace_id, last_seq, part)
);

-- Up to which transfer the lines of a wallet are made.
CREATE TABLE ledger_line_marks (
    workspace_id uuid PRIMARY KEY,
    seq          bigint NOT NULL
);

-- A transfer that corrects another: neither is changed, both name the other.
CREATE TABLE ledger_corrections (
    workspace_id uuid NOT NULL,
    transfer_id  uuid NOT NULL,
    corrects     uuid NOT NULL,
    PRIMARY KEY (workspace_id, transfer_id)
);
CREATE INDEX ledger_corrections_of ON ledger_corrections (workspace_id, corrects);
CREATE TRIGGER ledger_corrections_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_corrections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE ledger_corrections ENABLE ALWAYS TRIGGER ledger_corrections_immutable;

-- Every full check of the books: when, what it found, and how far the hash chain reached.
CREATE TABLE ledger_checks (
    checked_at   timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
    findings     integer NOT NULL CHECK (findings >= 0),
    height       bigint NOT NULL,
    sealed_until timestamptz NOT NULL
);

GRANT SELECT ON ledger_lines, ledger_line_marks, ledger_corrections TO omna_runtime;
GRANT SELECT, INSERT ON ledger_checks TO omna_runtime;
