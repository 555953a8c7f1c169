-- Addresses that starter Credits were granted for, as keyed digests: an account that is deleted and made again brings none.

CREATE TABLE starter_addresses (
    digest     bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    granted_at timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT ON starter_addresses TO omna_runtime;
