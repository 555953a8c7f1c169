-- One row per finished request, at most half a kilobyte, partitioned by month on its id (UUIDv7 carries the time).
-- No prompt and no answer is ever stored here.

CREATE TABLE requests (
    workspace_id       uuid NOT NULL,
    request_id         uuid NOT NULL,
    key_id             uuid,
    provider_id        uuid NOT NULL,
    route_id           uuid NOT NULL,
    price_version_id   uuid NOT NULL,
    settled_at         timestamptz NOT NULL,
    held               bigint NOT NULL,
    charge             bigint NOT NULL,
    -- The exact cost before the one rounding, in 10^-6 nanocredits; its parts follow from tokens and price version.
    unrounded          numeric(30, 0) NOT NULL,
    provider_charge    bigint NOT NULL,
    prompt_tokens      integer NOT NULL,
    completion_tokens  integer NOT NULL,
    cached_tokens      integer NOT NULL,
    cache_write_tokens integer NOT NULL,
    reasoning_tokens   integer NOT NULL,
    first_delta_ms     integer,
    duration_ms        integer NOT NULL,
    outcome            text NOT NULL,
    streamed           boolean NOT NULL,
    estimated          boolean NOT NULL,
    source             text NOT NULL,
    model_id           text NOT NULL,
    finish_reason      text,
    native_finish_reason text,
    error_code         text,
    -- Attempts before the one that answered: [{"provider_id", "status", "latency_ms"}], NULL when the first succeeded.
    attempts           jsonb,
    PRIMARY KEY (workspace_id, request_id),
    CONSTRAINT requests_bounded CHECK (least(
        charge, unrounded, provider_charge, prompt_tokens, completion_tokens, cached_tokens, cache_write_tokens,
        reasoning_tokens) >= 0)
) PARTITION BY RANGE (request_id);

-- A day is a run of pages, because ids carry the time: setting a cap counts today without reading the month.
CREATE INDEX requests_by_time ON requests USING brin (request_id) WITH (pages_per_range = 16);

-- Holds whatever has no month of its own, so that a request is never lost for want of a partition.
CREATE TABLE requests_default PARTITION OF requests DEFAULT;

-- The first UUIDv7 of a moment: 48 bits of milliseconds, version 7, variant 10, zeros.
CREATE FUNCTION first_id_at(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
$$;

-- Make the partitions of this month and the next ones; safe to call at any time, from anywhere.
CREATE FUNCTION usage_make_partitions(months_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
DECLARE
    month date;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('omna usage partitions', 0));
    FOR ahead IN 0 .. months_ahead LOOP
        month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead))::date;
        IF to_regclass(format('requests_%s', to_char(month, 'YYYY_MM'))) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE requests_%s PARTITION OF requests FOR VALUES FROM (%L) TO (%L)',
                to_char(month, 'YYYY_MM'),
                first_id_at(month::timestamp AT TIME ZONE 'UTC'),
                first_id_at((month + interval '1 month')::timestamp AT TIME ZONE 'UTC'));
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;
SELECT usage_make_partitions(2);

GRANT SELECT ON requests TO omna_runtime;
GRANT EXECUTE ON FUNCTION usage_make_partitions TO omna_runtime;
