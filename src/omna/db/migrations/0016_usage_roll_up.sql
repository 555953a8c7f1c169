-- Sums of usage, so that a report of a workspace with millions of requests reads thousands of rows. They are made by
-- usage/roll_up.sql and kept for ever, also when the requests themselves are not.

-- One row per period and combination of what reports filter by. grain: h a UTC hour, d a UTC day, by the moment of
-- admission, which is the time in the id of a request.
CREATE TABLE usage_sums (
    workspace_id       uuid NOT NULL,
    grain              "char" NOT NULL CHECK (grain IN ('h', 'd')),
    start              timestamptz NOT NULL,
    requests           bigint NOT NULL,
    charge             bigint NOT NULL,
    provider_charge    bigint NOT NULL,
    prompt_tokens      bigint NOT NULL,
    completion_tokens  bigint NOT NULL,
    cached_tokens      bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    reasoning_tokens   bigint NOT NULL,
    duration_ms        bigint NOT NULL,
    -- Of the requests that delivered something.
    first_delta_ms     bigint NOT NULL,
    first_deltas       bigint NOT NULL,
    -- NULL for requests that came without a key.
    key_id             uuid,
    source             text NOT NULL,
    outcome            text NOT NULL,
    model_id           text NOT NULL
);
CREATE INDEX usage_sums_by_workspace ON usage_sums (workspace_id, grain, start);
CREATE INDEX usage_sums_by_time ON usage_sums USING brin (start) WITH (pages_per_range = 16);

-- How far the sums reach, and from when on there are single requests.
CREATE TABLE usage_state (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- Hours before it are summed, all of them; NULL: none yet.
    summed_until timestamptz,
    -- Requests before it were removed by retention; NULL: none were.
    details_from timestamptz
);
INSERT INTO usage_state DEFAULT VALUES;

-- The moment in a UUIDv7, to the millisecond: the other way round of first_id_at().
CREATE FUNCTION id_made_at(id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT timestamptz 'epoch'
         + ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint * interval '1 millisecond'
$$;

GRANT SELECT ON usage_sums, usage_state TO omna_runtime;
