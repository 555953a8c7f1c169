-- Models that are not shown, models that will go, and sums of usage by provider.

ALTER TABLE models
    -- In no list and on no page; whoever names it is answered.
    ADD COLUMN hidden        boolean NOT NULL DEFAULT false,
    -- Said to go: it answers until retires_at, and from then on nobody; the successor is what its callers are told.
    ADD COLUMN deprecated_at timestamptz,
    ADD COLUMN retires_at    timestamptz,
    ADD COLUMN successor     text REFERENCES models,
    ADD CONSTRAINT models_deprecated CHECK (
        (deprecated_at IS NULL) = (retires_at IS NULL)
        AND (successor IS NULL OR (retires_at IS NOT NULL AND successor <> model_id)));

-- One row per period and provider, beside usage_sums and written with it (usage/roll_up.sql). A call is a request that
-- was answered there, or an attempt that failed there, whoever answered in the end; what a client did wrong is no failure.
CREATE TABLE provider_sums (
    grain           "char" NOT NULL CHECK (grain IN ('h', 'd')),
    start           timestamptz NOT NULL,
    provider_id     uuid NOT NULL,
    calls           bigint NOT NULL,
    failures        bigint NOT NULL,
    requests        bigint NOT NULL,
    charge          bigint NOT NULL,
    provider_charge bigint NOT NULL,
    -- Of the requests.
    duration_ms     bigint NOT NULL,
    first_delta_ms  bigint NOT NULL,
    first_deltas    bigint NOT NULL,
    PRIMARY KEY (grain, start, provider_id)
);

-- Hours that were summed before this table was there, as far as their requests are kept; then their days.
INSERT INTO provider_sums (
    grain, start, provider_id, calls, failures, requests, charge, provider_charge, duration_ms, first_delta_ms, first_deltas)
SELECT 'h', start, provider_id, sum(calls), sum(failures), sum(requests), sum(charge), sum(provider_charge),
       sum(duration_ms), sum(first_delta_ms), sum(first_deltas)
FROM (
    SELECT date_trunc('hour', id_made_at(r.request_id), 'UTC') AS start, r.provider_id,
           (r.outcome <> 'failed' OR r.attempts IS NULL)::integer AS calls,
           (r.outcome = 'interrupted' OR (r.outcome = 'failed' AND r.attempts IS NULL))::integer AS failures,
           1 AS requests, r.charge, r.provider_charge, r.duration_ms::bigint,
           coalesce(r.first_delta_ms, 0)::bigint AS first_delta_ms, (r.first_delta_ms IS NOT NULL)::integer AS first_deltas
    FROM requests AS r, usage_state AS s
    WHERE r.request_id < first_id_at(s.summed_until)
    UNION ALL
    SELECT date_trunc('hour', id_made_at(r.request_id), 'UTC'), p.provider_id, 1,
           (coalesce(a.attempt ->> 'kind', '') NOT IN ('unsupported', 'crowded')
            AND coalesce(a.attempt ->> 'status', '') NOT IN ('400', '404', '413', '422'))::integer, 0, 0, 0, 0, 0, 0
    FROM usage_state AS s, requests AS r CROSS JOIN LATERAL jsonb_array_elements(r.attempts) AS a (attempt)
    JOIN providers AS p ON p.name = a.attempt ->> 'provider_name'
    WHERE r.attempts IS NOT NULL AND r.request_id < first_id_at(s.summed_until)
) AS calls
GROUP BY start, provider_id;

INSERT INTO provider_sums (
    grain, start, provider_id, calls, failures, requests, charge, provider_charge, duration_ms, first_delta_ms, first_deltas)
SELECT 'd', date_trunc('day', p.start, 'UTC'), p.provider_id, sum(p.calls), sum(p.failures), sum(p.requests), sum(p.charge),
       sum(p.provider_charge), sum(p.duration_ms), sum(p.first_delta_ms), sum(p.first_deltas)
FROM provider_sums AS p, usage_state AS s
WHERE p.grain = 'h' AND p.start < date_trunc('day', s.summed_until, 'UTC')
GROUP BY 2, 3;

GRANT SELECT ON provider_sums TO omna_runtime;
