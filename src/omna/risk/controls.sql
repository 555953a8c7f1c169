-- Controls: what an operator changes and admission obeys at once.
--
-- Every admission batch holds the advisory lock (5108, 1) shared until it commits; everything here takes it exclusively
-- first. When a change commits, nothing can still be admitted under the state before it, on any replica.
-- Stops and counted costs are written here alone: the runtime role may only read those tables.


-- controls_lock: wait for the admissions in flight, and hold back the next ones until this transaction ends.
CREATE OR REPLACE FUNCTION controls_lock() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
    SELECT pg_advisory_xact_lock(5108, 1);
$$;
REVOKE ALL ON FUNCTION controls_lock FROM PUBLIC;
GRANT EXECUTE ON FUNCTION controls_lock TO omna_runtime;


-- controls_stop: put a stop in force, or change level, reason and message of the one that is. It keeps its beginning.
CREATE OR REPLACE FUNCTION controls_stop(
    p_scope text, p_cut_streams boolean, p_reason text, p_message text, p_actor text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(5108, 1);
    INSERT INTO stops (scope, cut_streams, reason, message, actor)
    VALUES (p_scope, p_cut_streams, p_reason, p_message, p_actor)
    ON CONFLICT (scope) DO UPDATE
        SET cut_streams = excluded.cut_streams, reason = excluded.reason, message = excluded.message,
            actor = excluded.actor;
    INSERT INTO stop_episodes (scope, since, cut_streams, reason, message, actor)
    SELECT scope, since, cut_streams, reason, message, actor FROM stops WHERE scope = p_scope
    ON CONFLICT (scope, since) DO UPDATE
        SET cut_streams = excluded.cut_streams, reason = excluded.reason, message = excluded.message,
            actor = excluded.actor;
END $$;
REVOKE ALL ON FUNCTION controls_stop FROM PUBLIC;
GRANT EXECUTE ON FUNCTION controls_stop TO omna_runtime;


-- controls_resume: end the stop of exactly this scope. Returns how many requests it refused, NULL when there was none.
CREATE OR REPLACE FUNCTION controls_resume(p_scope text, p_reason text, p_actor text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
DECLARE
    v_since timestamptz;
    v_refused bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(5108, 1);
    DELETE FROM stops WHERE scope = p_scope RETURNING since INTO v_since;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE stop_episodes AS e SET ended_at = clock_timestamp(), ended_by = p_actor, ended_reason = p_reason
    WHERE e.scope = p_scope AND e.since = v_since RETURNING e.refused INTO v_refused;
    RETURN coalesce(v_refused, 0);
END $$;
REVOKE ALL ON FUNCTION controls_resume FROM PUBLIC;
GRANT EXECUTE ON FUNCTION controls_resume TO omna_runtime;


-- controls_count_refused: add what a process refused since it last said so. Counts of a stop that has just ended are
-- added to it all the same. No lock of admission is taken.
CREATE OR REPLACE FUNCTION controls_count_refused(p_scope text[], p_count bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
    UPDATE stop_episodes AS e SET refused = e.refused + told.count
    FROM unnest(p_scope, p_count) AS told (scope, count)
    WHERE e.scope = told.scope AND e.since = (SELECT max(last.since) FROM stop_episodes AS last WHERE last.scope = e.scope);
$$;
REVOKE ALL ON FUNCTION controls_count_refused FROM PUBLIC;
GRANT EXECUTE ON FUNCTION controls_count_refused TO omna_runtime;


-- controls_count_model: make today's row of a model from the requests admitted today; to be called when a cap is set.
--
-- A settlement moves a request from running_requests to requests. The table lock waits for the ones in flight and holds
-- back the next, so each request of today is counted in exactly one of the two; a settlement that waited here finds the
-- row made below. SHARE, not a lock per row: rows of many workspaces locked one by one would deadlock with a batch.
CREATE OR REPLACE FUNCTION controls_count_model(p_model text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
DECLARE
    v_today date;
BEGIN
    PERFORM pg_advisory_xact_lock(5108, 1);
    LOCK TABLE running_requests IN SHARE MODE;
    v_today := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    INSERT INTO model_cost AS cost (model_id, day, spent, held)
    SELECT p_model, v_today,
           coalesce((SELECT sum(r.provider_charge) FROM requests AS r
                     WHERE r.model_id = p_model
                       AND r.request_id >= first_id_at(v_today::timestamp AT TIME ZONE 'UTC')
                       AND r.request_id < first_id_at((v_today + 1)::timestamp AT TIME ZONE 'UTC')), 0)
           + coalesce((SELECT sum(t.cost) FROM provider_tests AS t WHERE t.model_id = p_model AND t.day = v_today), 0),
           coalesce((SELECT sum(r.provider_amount) FROM running_requests AS r
                     WHERE r.model_id = p_model AND r.day = v_today), 0)
    ON CONFLICT (model_id, day) DO UPDATE SET spent = excluded.spent, held = excluded.held;
END $$;
REVOKE ALL ON FUNCTION controls_count_model FROM PUBLIC;
GRANT EXECUTE ON FUNCTION controls_count_model TO omna_runtime;


-- controls_count_provider: the same for a provider, and with p_month for the days of the month before: what the caller
-- summed of the days before yesterday, when nothing could be admitted on them any more, and yesterday and today from their
-- requests. Days on which a cap was in force were counted as they went, and stay.
CREATE OR REPLACE FUNCTION controls_count_provider(
    p_provider uuid, p_month boolean DEFAULT false, p_days date[] DEFAULT '{}', p_spent bigint[] DEFAULT '{}'
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
DECLARE
    v_today date;
BEGIN
    PERFORM pg_advisory_xact_lock(5108, 1);
    LOCK TABLE running_requests IN SHARE MODE;
    v_today := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    INSERT INTO provider_cost AS cost (provider_id, day, spent, held)
    SELECT p_provider, past.day, past.spent,
           coalesce((SELECT sum(r.provider_amount) FROM running_requests AS r
                     WHERE r.provider_id = p_provider AND r.day = past.day), 0)
    FROM unnest(p_days, p_spent) AS past (day, spent)
    WHERE p_month AND past.day < v_today - 1
    ON CONFLICT (provider_id, day) DO NOTHING;
    FOR back IN 0 .. CASE WHEN p_month THEN 1 ELSE 0 END LOOP
        INSERT INTO provider_cost AS cost (provider_id, day, spent, held)
        SELECT p_provider, v_today - back,
               coalesce((SELECT sum(r.provider_charge) FROM requests AS r
                         WHERE r.provider_id = p_provider
                           AND r.request_id >= first_id_at((v_today - back)::timestamp AT TIME ZONE 'UTC')
                           AND r.request_id < first_id_at((v_today - back + 1)::timestamp AT TIME ZONE 'UTC')), 0)
               + coalesce((SELECT sum(t.cost) FROM provider_tests AS t
                           WHERE t.provider_id = p_provider AND t.day = v_today - back), 0),
               coalesce((SELECT sum(r.provider_amount) FROM running_requests AS r
                         WHERE r.provider_id = p_provider AND r.day = v_today - back), 0)
        ON CONFLICT (provider_id, day) DO UPDATE SET spent = excluded.spent, held = excluded.held;
    END LOOP;
END $$;
DROP FUNCTION IF EXISTS controls_count_provider(uuid);
REVOKE ALL ON FUNCTION controls_count_provider FROM PUBLIC;
GRANT EXECUTE ON FUNCTION controls_count_provider TO omna_runtime;
