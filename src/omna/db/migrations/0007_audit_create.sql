-- Who did what to whom, when, why, from where: append-only, numbered without gaps, each row sealed with the one before.

CREATE TABLE audit_log (
    seq        bigint PRIMARY KEY CHECK (seq > 0),
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    action     text NOT NULL,
    subject    text NOT NULL,
    reason     text NOT NULL DEFAULT '',
    before     jsonb,
    after      jsonb,
    origin     text NOT NULL DEFAULT '',
    mac        bytea NOT NULL CHECK (octet_length(mac) = 32)
);
CREATE TRIGGER audit_log_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_immutable;

GRANT SELECT, INSERT ON audit_log TO omna_runtime;

-- What Omna remembers about this installation: the canary of the master key, first-run facts.
CREATE TABLE installation (
    name  text PRIMARY KEY,
    value text NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON installation TO omna_runtime;
