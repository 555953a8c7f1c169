-- API keys. Only the SHA-256 of a key is stored; the key itself is shown once, when it is made.

CREATE TABLE api_keys (
    key_id         uuid PRIMARY KEY,
    workspace_id   uuid NOT NULL,
    digest         bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    prefix         text NOT NULL,
    last_four      text NOT NULL CHECK (length(last_four) = 4),
    name           text NOT NULL CHECK (name <> ''),
    -- Requests in any 60 seconds; NULL is no limit.
    rpm            integer CHECK (rpm > 0),
    -- Nanocredits a period (UTC days, weeks from Monday, calendar months); both or neither.
    spend_limit    bigint CHECK (spend_limit >= 0),
    spend_period   text CHECK (spend_period IN ('day', 'week', 'month')),
    -- Model ids the key may use; NULL is every model.
    allowed_models text[],
    expires_at     timestamptz,
    disabled_at    timestamptz,
    revoked_at     timestamptz,
    created_by     uuid,
    created_at     timestamptz NOT NULL DEFAULT now(),
    CHECK ((spend_limit IS NULL) = (spend_period IS NULL))
);
CREATE INDEX api_keys_by_workspace ON api_keys (workspace_id, key_id);

GRANT SELECT, INSERT, UPDATE ON api_keys TO omna_runtime;
