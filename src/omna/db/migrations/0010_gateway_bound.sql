-- How many requests a key or a workspace may have running at once, answers kept for a retry, and what was spoken.

ALTER TABLE api_keys ADD COLUMN max_running integer CHECK (max_running > 0);
ALTER TABLE workspaces ADD COLUMN max_running integer CHECK (max_running > 0);

-- Which API a request came through; NULL is chat completions, as nearly all do.
ALTER TABLE requests ADD COLUMN api text;

-- One row per Idempotency-Key a client used in the last day. What became of its request says what the row means:
-- running, answered, or (refused, failed, died) nothing.
CREATE TABLE idempotent_requests (
    workspace_id uuid NOT NULL,
    key_id       uuid NOT NULL,
    -- SHA-256 of the client's Idempotency-Key.
    name         bytea NOT NULL CHECK (octet_length(name) = 32),
    -- SHA-256 of endpoint and body.
    fingerprint  bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    request_id   uuid NOT NULL,
    claimed_at   timestamptz NOT NULL,
    -- The body of the answer, encrypted under the client's API key: nobody here can read it.
    answer       bytea,
    PRIMARY KEY (workspace_id, key_id, name)
);
CREATE INDEX idempotent_requests_by_age ON idempotent_requests (claimed_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotent_requests TO omna_runtime;
