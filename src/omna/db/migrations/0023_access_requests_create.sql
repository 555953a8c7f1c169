-- Strangers who ask to be let in where accounts are made by invitation only.

CREATE TABLE access_requests (
    access_request_id uuid PRIMARY KEY,
    email             text NOT NULL CHECK (email <> ''),
    email_normalized  text NOT NULL UNIQUE CHECK (email_normalized = lower(email_normalized)),
    name              text NOT NULL,
    message           text NOT NULL,
    requested_at      timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, UPDATE, DELETE ON access_requests TO omna_runtime;
