-- What gateways see of providers, calls that staff make to try one, and what providers report they charged.

-- One row per minute, provider and the name the provider gives the model; kept for days. Every attempt counts, also one
-- that failed before another provider answered. What a client did wrong, or was never sent, is `refused` and no failure.
CREATE TABLE provider_minutes (
    minute         timestamptz NOT NULL,
    provider_id    uuid NOT NULL,
    upstream_model text NOT NULL,
    answered       integer NOT NULL,
    failed         integer NOT NULL,
    refused        integer NOT NULL,
    -- How many were so fast, by the bounds of gateway/tally.py: until the first output of a stream, until the end.
    first_output   integer[] NOT NULL,
    total          integer[] NOT NULL,
    PRIMARY KEY (minute, provider_id, upstream_model)
) WITH (fillfactor = 70);

CREATE TABLE provider_failures (
    minute         timestamptz NOT NULL,
    provider_id    uuid NOT NULL,
    upstream_model text NOT NULL,
    -- A class of gateway/faults.py, never the provider's own words; status 0: there was no answer.
    class          text NOT NULL,
    status         integer NOT NULL,
    times          integer NOT NULL,
    last_at        timestamptz NOT NULL,
    PRIMARY KEY (minute, provider_id, upstream_model, class, status)
) WITH (fillfactor = 70);

-- Breakers that are not closed, as each process last said; one that says nothing any more counts for nothing.
CREATE TABLE provider_breakers (
    process_id     uuid NOT NULL,
    provider_id    uuid NOT NULL,
    upstream_model text NOT NULL,
    state          text NOT NULL CHECK (state IN ('open', 'probing')),
    open_until     timestamptz NOT NULL,
    reported_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (process_id, provider_id, upstream_model)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON provider_minutes, provider_failures, provider_breakers TO omna_runtime;

-- Calls by staff: of no workspace and no price, but their cost counts against the caps and in the provider's sums.
-- Written by gateway/probing.sql alone, with the cost it may have at most until it is known.
CREATE TABLE provider_tests (
    test_id           uuid PRIMARY KEY,
    provider_id       uuid NOT NULL,
    day               date NOT NULL,
    model_id          text NOT NULL,
    upstream_model    text NOT NULL,
    made_at           timestamptz NOT NULL,
    made_by           text NOT NULL,
    cost              bigint NOT NULL CHECK (cost >= 0),
    prompt_tokens     integer,
    completion_tokens integer,
    duration_ms       integer,
    -- NULL: it runs, or its process died. Then `answered`, or a class of gateway/faults.py.
    outcome           text
);
CREATE INDEX provider_tests_by_provider ON provider_tests (provider_id, day);
GRANT SELECT ON provider_tests TO omna_runtime;

-- How a provider's own report of cost is read. The key is another one than that of calls, sealed for this table, and
-- belongs to the origin it was saved with: with another address it is not used.
CREATE TABLE provider_reporting (
    provider_id uuid PRIMARY KEY REFERENCES providers,
    format      text NOT NULL CHECK (format IN ('openrouter', 'openai')),
    secret      text NOT NULL,
    key_ends    text CHECK (length(key_ends) <= 4),
    origin      text NOT NULL,
    set_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What we recorded and what a provider reported of one UTC day, in nanocredits.
CREATE TABLE provider_reconciliations (
    provider_id uuid NOT NULL,
    day         date NOT NULL,
    recorded    bigint NOT NULL,
    reported    bigint CHECK (reported >= 0),
    -- matched | different (beyond what is allowed) | missing (its report has no such day yet) | unread (see problem)
    state       text NOT NULL CHECK (state IN ('matched', 'different', 'missing', 'unread')),
    problem     text,
    -- The day was not over when it was compared: both are what was spent until then.
    partial     boolean NOT NULL DEFAULT false,
    checked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (provider_id, day)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON provider_reporting TO omna_runtime;
GRANT SELECT, INSERT, UPDATE ON provider_reconciliations TO omna_runtime;
