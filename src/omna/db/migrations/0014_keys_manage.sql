-- Keys that are replaced, limits over a key's whole life, and the keys that automation manages a workspace with.

ALTER TABLE api_keys
    DROP CONSTRAINT api_keys_spend_period_check,
    -- `total` is the life of the key: it never resets.
    ADD CONSTRAINT api_keys_spend_period_check CHECK (spend_period IN ('day', 'week', 'month', 'total')),
    -- The key that takes its place; this one works until expires_at.
    ADD COLUMN rotated_to uuid;
-- The spend limit of a member is over all keys of theirs.
CREATE INDEX api_keys_by_creator ON api_keys (workspace_id, created_by);

-- Only the SHA-256 is stored, as of API keys.
CREATE TABLE management_keys (
    workspace_id      uuid NOT NULL,
    management_key_id uuid NOT NULL,
    digest            bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    prefix            text NOT NULL,
    last_four         text NOT NULL CHECK (length(last_four) = 4),
    name              text NOT NULL CHECK (name <> ''),
    -- The most it may do; never more than its maker may at that moment.
    role              text NOT NULL CHECK (role IN ('admin', 'billing', 'member')),
    created_by        uuid NOT NULL,
    expires_at        timestamptz,
    revoked_at        timestamptz,
    last_used_at      timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, management_key_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON management_keys TO omna_runtime;
