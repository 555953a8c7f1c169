-- gateway_settle: end a batch of requests: charge what was used, give the rest back, write the usage rows.
--
-- In      parallel arrays, one position per request: request, workspace, transfer (id of the resolution, the same on
--         every retry), charge (nanocredits, 0 .. hold), provider_charge (at provider cost);
--         usage: per request a JSON object with the columns of its usage row that only the gateway knows
--         (an object, because twenty more arrays cost the gateway more than parsing it costs the database);
--         expired_only: the reaper's calls, which end a request only while its lease is over
-- Out     one row per request, in input order: the code of ledger_resolve()
-- Writes  requests, running_requests, key_spend, chat_spend, workspace_spend, model_cost, provider_cost;
--         wallets and the ledger only through ledger_resolve()
--
-- A request is settled once, whoever tries: the first resolution of its hold wins, later tries get their own code and
-- change nothing. Locks are taken in the order of gateway_admit(). An emergency stop does not hold up a settlement; the
-- shared lock is here because a cap that is being set counts the running requests and must not lose one in between.
CREATE OR REPLACE FUNCTION gateway_settle(
    p_request uuid[], p_workspace uuid[], p_transfer uuid[], p_charge bigint[], p_provider_charge bigint[],
    p_usage json[], p_expired_only boolean DEFAULT false
) RETURNS TABLE (ord integer, code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
#variable_conflict use_column
DECLARE
    v_codes text[];
    v_now timestamptz;
    -- The requests this call resolved, as their running rows stood.
    d_ord integer[]; d_workspace uuid[]; d_key uuid[]; d_user uuid[]; d_day date[]; d_held bigint[];
    d_model text[]; d_provider uuid[]; d_provider_held bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock_shared(5108, 1);
    PERFORM FROM wallets AS w WHERE w.workspace_id = ANY (p_workspace) ORDER BY w.workspace_id FOR UPDATE;

    SELECT array_agg(r.code ORDER BY r.ord) INTO v_codes
    FROM ledger_resolve(p_transfer, p_request, p_workspace, p_charge, p_expired_only) AS r;
    v_now := clock_timestamp();

    -- A running row goes with its hold. Only the call that resolved the hold still finds it, so a replay stops here.
    WITH done AS (
        DELETE FROM running_requests AS running
        USING unnest(p_request, p_workspace, v_codes) WITH ORDINALITY AS i (request_id, workspace_id, code, ord)
        WHERE i.code IN ('settled', 'released', 'expired')
          AND running.workspace_id = i.workspace_id AND running.request_id = i.request_id
        RETURNING i.ord, running.*
    ), recorded AS (
        INSERT INTO requests (
            workspace_id, request_id, key_id, provider_id, route_id, price_version_id, settled_at, held, charge, unrounded,
            provider_charge, prompt_tokens, completion_tokens, cached_tokens, cache_write_tokens, reasoning_tokens,
            units, api, first_delta_ms, duration_ms, outcome, streamed, estimated, source, model_id, finish_reason,
            native_finish_reason, error_code, attempts, wanted_model, user_id)
        SELECT done.workspace_id, done.request_id, done.key_id, done.provider_id, done.route_id, done.price_version_id, v_now, done.amount, p_charge[done.ord],
               usage.unrounded, p_provider_charge[done.ord], usage.prompt_tokens, usage.completion_tokens,
               usage.cached_tokens, usage.cache_write_tokens, usage.reasoning_tokens, usage.units, usage.api, usage.first_delta_ms,
               usage.duration_ms, usage.outcome, done.streamed, usage.estimated, done.source, done.model_id,
               usage.finish_reason, usage.native_finish_reason, usage.error_code, usage.attempts,
               usage.wanted_model, done.user_id
        FROM done CROSS JOIN LATERAL json_to_record(p_usage[done.ord]) AS usage (
            unrounded numeric, prompt_tokens integer, completion_tokens integer, cached_tokens integer,
            cache_write_tokens integer, reasoning_tokens integer, units jsonb, api text, first_delta_ms integer, duration_ms integer,
            outcome text, estimated boolean, finish_reason text, native_finish_reason text, error_code text,
            attempts jsonb, wanted_model text)
    )
    SELECT array_agg(done.ord), array_agg(done.workspace_id), array_agg(done.key_id), array_agg(done.user_id),
           array_agg(done.day), array_agg(done.amount), array_agg(done.model_id), array_agg(done.provider_id),
           array_agg(done.provider_amount)
    INTO d_ord, d_workspace, d_key, d_user, d_day, d_held, d_model, d_provider, d_provider_held
    FROM done;

    IF d_ord IS NOT NULL THEN
        UPDATE workspace_spend AS spend SET held = spend.held - done.held, spent = spend.spent + done.charge
        FROM (SELECT d.workspace_id, d.day, sum(d.held) AS held, sum(p_charge[d.ord]) AS charge
              FROM unnest(d_ord, d_workspace, d_day, d_held) AS d (ord, workspace_id, day, held) GROUP BY 1, 2) AS done
        WHERE spend.workspace_id = done.workspace_id AND spend.day = done.day;

        UPDATE key_spend AS spend SET held = spend.held - done.held, spent = spend.spent + done.charge
        FROM (SELECT d.workspace_id, d.key_id, d.day, sum(d.held) AS held, sum(p_charge[d.ord]) AS charge
              FROM unnest(d_ord, d_workspace, d_key, d_day, d_held) AS d (ord, workspace_id, key_id, day, held)
              WHERE d.key_id IS NOT NULL GROUP BY 1, 2, 3) AS done
        WHERE spend.workspace_id = done.workspace_id AND spend.key_id = done.key_id AND spend.day = done.day;

        IF array_remove(d_user, NULL) <> '{}' THEN
            UPDATE chat_spend AS spend SET held = spend.held - done.held, spent = spend.spent + done.charge
            FROM (SELECT d.workspace_id, d.user_id, d.day, sum(d.held) AS held, sum(p_charge[d.ord]) AS charge
                  FROM unnest(d_ord, d_workspace, d_user, d_day, d_held) AS d (ord, workspace_id, user_id, day, held)
                  WHERE d.user_id IS NOT NULL GROUP BY 1, 2, 3) AS done
            WHERE spend.workspace_id = done.workspace_id AND spend.user_id = done.user_id AND spend.day = done.day;
        END IF;

        PERFORM FROM model_cost AS cost WHERE cost.model_id = ANY (d_model) AND cost.day = ANY (d_day)
        ORDER BY cost.model_id, cost.day FOR UPDATE;
        IF FOUND THEN
            UPDATE model_cost AS cost SET held = cost.held - done.held, spent = cost.spent + done.charge
            FROM (SELECT d.model_id, d.day, sum(d.held) AS held, sum(p_provider_charge[d.ord]) AS charge
                  FROM unnest(d_ord, d_model, d_day, d_provider_held) AS d (ord, model_id, day, held) GROUP BY 1, 2) AS done
            WHERE cost.model_id = done.model_id AND cost.day = done.day;
        END IF;

        PERFORM FROM provider_cost AS cost WHERE cost.provider_id = ANY (d_provider) AND cost.day = ANY (d_day)
        ORDER BY cost.provider_id, cost.day FOR UPDATE;
        IF FOUND THEN
            UPDATE provider_cost AS cost SET held = cost.held - done.held, spent = cost.spent + done.charge
            FROM (SELECT d.provider_id, d.day, sum(d.held) AS held, sum(p_provider_charge[d.ord]) AS charge
                  FROM unnest(d_ord, d_provider, d_day, d_provider_held) AS d (ord, provider_id, day, held)
                  GROUP BY 1, 2) AS done
            WHERE cost.provider_id = done.provider_id AND cost.day = done.day;
        END IF;
    END IF;

    RETURN QUERY SELECT i.ord::integer, i.code FROM unnest(v_codes) WITH ORDINALITY AS i (code, ord) ORDER BY i.ord;
END $$;
REVOKE ALL ON FUNCTION gateway_settle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_settle TO omna_runtime;


-- gateway_renew: report the progress of running requests and renew their leases, all of a process in one call.
-- In      request, workspace, prompt tokens, tokens delivered so far (NULL: nothing yet)
-- Out     one row per request, in input order: running | lost (resolved by somebody else, or being resolved right now)
--         | account_frozen | maker_frozen | key_disabled | emergency_stop (of the kind that cuts streams), with the operator's
--         note; of a chat person_frozen | chat_not_allowed (disabled, no member any more, or of a role that may not chat)
-- An expired lease that nobody has resolved is renewed as well: a live stream is not given up for a slow database.
CREATE OR REPLACE FUNCTION gateway_renew(
    p_request uuid[], p_workspace uuid[], p_prompt_tokens integer[], p_completion_tokens integer[], p_lease interval
) RETURNS TABLE (ord integer, state text, note text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
#variable_conflict use_column
DECLARE
    v_held uuid[];
BEGIN
    -- In id order, and never waiting: a hold that somebody has locked is being resolved.
    SELECT array_agg(locked.hold_id) INTO v_held FROM (
        SELECT open.hold_id FROM holds AS open
        JOIN unnest(p_workspace, p_request) AS i (workspace_id, request_id)
            ON open.workspace_id = i.workspace_id AND open.hold_id = i.request_id
        ORDER BY open.workspace_id, open.hold_id FOR UPDATE OF open SKIP LOCKED
    ) AS locked;

    UPDATE holds AS open SET lease_until = clock_timestamp() + p_lease
    FROM unnest(p_workspace, p_request) AS i (workspace_id, request_id)
    WHERE open.workspace_id = i.workspace_id AND open.hold_id = i.request_id AND open.hold_id = ANY (v_held);

    UPDATE running_requests AS running
    SET prompt_tokens = i.prompt_tokens, completion_tokens = i.completion_tokens
    FROM unnest(p_workspace, p_request, p_prompt_tokens, p_completion_tokens)
         AS i (workspace_id, request_id, prompt_tokens, completion_tokens)
    WHERE running.workspace_id = i.workspace_id AND running.request_id = i.request_id
      AND running.request_id = ANY (v_held);

    RETURN QUERY
    SELECT i.ord::integer,
           CASE WHEN running.request_id IS NULL THEN 'lost'
                WHEN stop.scope IS NOT NULL THEN 'emergency_stop'
                WHEN w.frozen_reason IS NOT NULL THEN 'account_frozen'
                WHEN maker.frozen_reason IS NOT NULL
                    THEN CASE WHEN running.user_id IS NULL THEN 'maker_frozen' ELSE 'person_frozen' END
                WHEN running.user_id IS NOT NULL
                     AND (coalesce(member.role, 'billing') = 'billing' OR maker.disabled_at IS NOT NULL)
                    THEN 'chat_not_allowed'
                WHEN k.disabled_at IS NOT NULL OR k.revoked_at IS NOT NULL OR maker.disabled_at IS NOT NULL
                    THEN 'key_disabled'
                ELSE 'running' END,
           CASE WHEN stop.scope IS NOT NULL THEN stop.scope || E'\n' || stop.message ELSE coalesce(w.frozen_reason, maker.frozen_reason) END
    FROM unnest(p_workspace, p_request) WITH ORDINALITY AS i (workspace_id, request_id, ord)
    LEFT JOIN running_requests AS running
        ON running.workspace_id = i.workspace_id AND running.request_id = i.request_id
        AND running.request_id = ANY (v_held)
    LEFT JOIN workspaces AS w ON w.workspace_id = running.workspace_id
    LEFT JOIN api_keys AS k ON k.key_id = running.key_id
    LEFT JOIN users AS maker ON maker.user_id = coalesce(running.user_id, k.created_by)
    LEFT JOIN members AS member ON member.workspace_id = running.workspace_id AND member.user_id = running.user_id
    LEFT JOIN LATERAL (
        SELECT s.scope, s.message FROM stops AS s JOIN providers AS p ON p.provider_id = running.provider_id
        WHERE s.cut_streams
          AND s.scope IN ('all', running.source, 'model:' || running.model_id, 'provider:' || p.name)
        LIMIT 1
    ) AS stop ON true
    ORDER BY i.ord;
END $$;
REVOKE ALL ON FUNCTION gateway_renew FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_renew TO omna_runtime;
