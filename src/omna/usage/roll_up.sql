-- Sums of closed hours and days, and the end of what retention does not keep. Called by jobs; see 0016_usage_roll_up.sql.
--
-- A report is the sums before `usage_state.summed_until` and the requests after it, in one view of the data: it is right
-- whether the job ran or not, and only slower without it.


-- usage_calls: calls of providers in a range of ids, by hour. A request was answered by the provider of its row, unless
-- every attempt failed; attempts that failed are in its row, by name. What a client did wrong is no failure of theirs.
CREATE OR REPLACE FUNCTION usage_calls(p_from uuid, p_until uuid) RETURNS TABLE (
    start timestamptz, provider_id uuid, calls bigint, failures bigint, requests bigint, charge bigint,
    provider_charge bigint, duration_ms bigint, first_delta_ms bigint, first_deltas bigint)
LANGUAGE sql STABLE AS $$
    SELECT c.start, c.provider_id, sum(c.calls), sum(c.failures), sum(c.requests), sum(c.charge)::bigint,
           sum(c.provider_charge)::bigint, sum(c.duration_ms)::bigint, sum(c.first_delta_ms)::bigint, sum(c.first_deltas)
    FROM (
        SELECT date_trunc('hour', omna.id_made_at(r.request_id), 'UTC') AS start, r.provider_id,
               (r.outcome <> 'failed' OR r.attempts IS NULL)::integer AS calls,
               (r.outcome = 'interrupted' OR (r.outcome = 'failed' AND r.attempts IS NULL))::integer AS failures,
               1 AS requests, r.charge, r.provider_charge, r.duration_ms::bigint,
               coalesce(r.first_delta_ms, 0)::bigint AS first_delta_ms,
               (r.first_delta_ms IS NOT NULL)::integer AS first_deltas
        FROM omna.requests AS r
        WHERE r.request_id >= p_from AND r.request_id < p_until
        UNION ALL
        SELECT date_trunc('hour', omna.id_made_at(r.request_id), 'UTC'), p.provider_id, 1,
               (coalesce(a.attempt ->> 'kind', '') NOT IN ('unsupported', 'crowded')
                AND coalesce(a.attempt ->> 'status', '') NOT IN ('400', '404', '413', '422'))::integer,
               0, 0, 0, 0, 0, 0
        FROM omna.requests AS r CROSS JOIN LATERAL jsonb_array_elements(r.attempts) AS a (attempt)
        JOIN omna.providers AS p ON p.name = a.attempt ->> 'provider_name'
        WHERE r.attempts IS NOT NULL AND r.request_id >= p_from AND r.request_id < p_until
    ) AS c
    GROUP BY c.start, c.provider_id
$$;
GRANT EXECUTE ON FUNCTION usage_calls TO omna_runtime;


-- usage_sum_hour: write the sums of one hour from its requests. The caller holds the lock and has removed old usage_sums.
CREATE OR REPLACE FUNCTION usage_sum_hour(p_hour timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
    INSERT INTO usage_sums (
        workspace_id, grain, start, requests, charge, provider_charge, prompt_tokens, completion_tokens, cached_tokens,
        cache_write_tokens, reasoning_tokens, duration_ms, first_delta_ms, first_deltas, key_id, source, outcome,
        model_id, user_id)
    SELECT workspace_id, 'h', p_hour, count(*), sum(charge), sum(provider_charge), sum(prompt_tokens),
           sum(completion_tokens), sum(cached_tokens), sum(cache_write_tokens), sum(reasoning_tokens),
           sum(duration_ms::bigint), coalesce(sum(first_delta_ms::bigint), 0), count(first_delta_ms),
           key_id, source, outcome, model_id, user_id
    FROM requests
    WHERE request_id >= first_id_at(p_hour) AND request_id < first_id_at(p_hour + interval '1 hour')
    GROUP BY workspace_id, key_id, user_id, source, outcome, model_id
    ORDER BY workspace_id, key_id, user_id, source, outcome, model_id;
    DELETE FROM provider_sums WHERE grain = 'h' AND start = p_hour;
    INSERT INTO provider_sums (
        grain, start, provider_id, calls, failures, requests, charge, provider_charge, duration_ms, first_delta_ms,
        first_deltas)
    SELECT 'h', p_hour, c.provider_id, c.calls, c.failures, c.requests, c.charge, c.provider_charge, c.duration_ms,
           c.first_delta_ms, c.first_deltas
    FROM usage_calls(first_id_at(p_hour), first_id_at(p_hour + interval '1 hour')) AS c
$$;
REVOKE ALL ON FUNCTION usage_sum_hour FROM PUBLIC;


-- usage_sum_day: write the sums of one UTC day from those of its hours.
CREATE OR REPLACE FUNCTION usage_sum_day(p_day timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
    INSERT INTO usage_sums (
        workspace_id, grain, start, requests, charge, provider_charge, prompt_tokens, completion_tokens, cached_tokens,
        cache_write_tokens, reasoning_tokens, duration_ms, first_delta_ms, first_deltas, key_id, source, outcome,
        model_id, user_id)
    SELECT workspace_id, 'd', p_day, sum(requests), sum(charge), sum(provider_charge), sum(prompt_tokens),
           sum(completion_tokens), sum(cached_tokens), sum(cache_write_tokens), sum(reasoning_tokens), sum(duration_ms),
           sum(first_delta_ms), sum(first_deltas), key_id, source, outcome, model_id, user_id
    FROM usage_sums
    WHERE grain = 'h' AND start >= p_day AND start < p_day + interval '24 hours'
    GROUP BY workspace_id, key_id, user_id, source, outcome, model_id
    ORDER BY workspace_id, key_id, user_id, source, outcome, model_id;
    DELETE FROM provider_sums WHERE grain = 'd' AND start = p_day;
    INSERT INTO provider_sums (
        grain, start, provider_id, calls, failures, requests, charge, provider_charge, duration_ms, first_delta_ms,
        first_deltas)
    SELECT 'd', p_day, provider_id, sum(calls), sum(failures), sum(requests), sum(charge), sum(provider_charge),
           sum(duration_ms), sum(first_delta_ms), sum(first_deltas)
    FROM provider_sums
    WHERE grain = 'h' AND start >= p_day AND start < p_day + interval '24 hours'
    GROUP BY provider_id
$$;
REVOKE ALL ON FUNCTION usage_sum_day FROM PUBLIC;


-- usage_roll_up: sum the next hour, when it is closed; with the last hour of a UTC day, that day. Returns until when the
-- sums reach now, NULL when no hour is ready. One transaction per hour, so a crash loses nothing and repeats nothing.
--
-- An hour is closed five minutes after its end, when no running request began in it: ids are made at admission, rows are
-- written at settlement, in the transaction that removes the running row.
CREATE OR REPLACE FUNCTION usage_roll_up() RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
DECLARE
    v_hour timestamptz;
    v_end timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(5108, 5);
    SELECT summed_until INTO v_hour FROM usage_state;
    IF v_hour IS NULL THEN
        SELECT date_trunc('hour', id_made_at(request_id), 'UTC') INTO v_hour
        FROM requests ORDER BY request_id LIMIT 1;
    END IF;
    v_end := v_hour + interval '1 hour';
    IF v_hour IS NULL OR clock_timestamp() < v_end + interval '5 minutes'
       OR EXISTS (SELECT FROM running_requests WHERE request_id < first_id_at(v_end)) THEN
        RETURN NULL;
    END IF;
    PERFORM usage_sum_hour(v_hour);
    IF v_end = date_trunc('day', v_end, 'UTC') THEN
        PERFORM usage_sum_day(v_end - interval '24 hours');
    END IF;
    UPDATE usage_state SET summed_until = v_end;
    RETURN v_end;
END $$;
REVOKE ALL ON FUNCTION usage_roll_up FROM PUBLIC;
GRANT EXECUTE ON FUNCTION usage_roll_up TO omna_runtime;


-- usage_mend: sum again the hours after p_since whose number of requests is not that of their sums, and their days;
-- returns how many hours. Only a gateway whose clock is minutes behind can write into an hour that is closed.
CREATE OR REPLACE FUNCTION usage_mend(p_since timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
DECLARE
    v_from timestamptz;
    v_until timestamptz;
    v_hour timestamptz;
    v_day timestamptz;
    v_days timestamptz[] := '{}';
    mended integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(5108, 5);
    SELECT date_trunc('hour', greatest(p_since, details_from), 'UTC'), summed_until INTO v_from, v_until FROM usage_state;
    FOR v_hour IN
        SELECT coalesce(r.hour, s.hour)
        FROM (SELECT date_trunc('hour', id_made_at(request_id), 'UTC') AS hour, count(*) AS requests FROM requests
              WHERE request_id >= first_id_at(v_from) AND request_id < first_id_at(v_until) GROUP BY 1) AS r
        FULL JOIN (SELECT start AS hour, sum(requests) AS requests FROM usage_sums
                   WHERE grain = 'h' AND start >= v_from AND start < v_until GROUP BY 1) AS s ON s.hour = r.hour
        WHERE r.requests IS DISTINCT FROM s.requests
    LOOP
        DELETE FROM usage_sums WHERE grain = 'h' AND start = v_hour;
        PERFORM usage_sum_hour(v_hour);
        v_day := date_trunc('day', v_hour, 'UTC');
        IF v_day + interval '24 hours' <= v_until AND v_day <> ALL (v_days) THEN
            v_days := v_days || v_day;
        END IF;
        mended := mended + 1;
    END LOOP;
    FOREACH v_day IN ARRAY v_days LOOP
        DELETE FROM usage_sums WHERE grain = 'd' AND start = v_day;
        PERFORM usage_sum_day(v_day);
    END LOOP;
    RETURN mended;
END $$;
REVOKE ALL ON FUNCTION usage_mend FROM PUBLIC;
GRANT EXECUTE ON FUNCTION usage_mend TO omna_runtime;


-- usage_forget: remove the requests of the oldest month that began before p_before and whose hours are all summed; returns
-- its first day, NULL when there is none. Sums and the ledger stay.
-- Dropping a partition needs the whole table for an instant: it gives up rather than make requests wait.
CREATE OR REPLACE FUNCTION usage_forget(p_before timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE
    v_name text;
    v_month timestamptz;
    v_end timestamptz;
    v_summed timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(5108, 5);
    SELECT summed_until INTO v_summed FROM usage_state;
    SELECT c.relname INTO v_name
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'requests'::regclass AND c.relname ~ '^requests_\d{4}_\d{2}$'
    ORDER BY c.relname LIMIT 1;
    v_month := timezone('UTC', to_date(right(v_name, 7), 'YYYY_MM')::timestamp);
    v_end := timezone('UTC', timezone('UTC', v_month) + interval '1 month');
    IF v_name IS NULL OR v_end > p_before OR v_summed IS NULL OR v_summed < v_end THEN
        RETURN NULL;
    END IF;
    EXECUTE format('DROP TABLE %I', v_name);
    -- What had no partition of its own when it was written.
    DELETE FROM requests_default WHERE request_id < first_id_at(v_end);
    UPDATE usage_state SET details_from = greatest(details_from, v_end);
    RETURN v_month;
END $$;
REVOKE ALL ON FUNCTION usage_forget FROM PUBLIC;
GRANT EXECUTE ON FUNCTION usage_forget TO omna_runtime;
