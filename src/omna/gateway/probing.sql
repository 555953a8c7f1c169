-- gateway_probe: a call of staff that tries a provider begins: count the most it may cost, as far as the caps allow.
-- Out     begun | provider_cap | model_cap
-- A provider that is switched off or stopped can be tried: that is what it is for. What the call costs is known later
-- (gateway_probed); until then, and when its process dies, it counts with the most.
CREATE OR REPLACE FUNCTION gateway_probe(
    p_test uuid, p_provider uuid, p_model text, p_upstream_model text, p_amount bigint, p_by text
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
DECLARE
    v_today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    v_month date := date_trunc('month', v_today::timestamp)::date;
    v_daily bigint;
    v_monthly bigint;
    v_model_cap bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(5108, 1);
    SELECT m.daily_cap INTO v_model_cap FROM models AS m WHERE m.model_id = p_model;
    SELECT p.daily_cap, p.monthly_cap INTO v_daily, v_monthly FROM providers AS p WHERE p.provider_id = p_provider;
    INSERT INTO model_cost (model_id, day) SELECT p_model, v_today WHERE v_model_cap IS NOT NULL ON CONFLICT DO NOTHING;
    PERFORM FROM model_cost AS c WHERE c.model_id = p_model AND c.day = v_today FOR UPDATE;
    INSERT INTO provider_cost (provider_id, day)
    SELECT p_provider, v_today WHERE coalesce(v_daily, v_monthly) IS NOT NULL ON CONFLICT DO NOTHING;
    PERFORM FROM provider_cost AS c WHERE c.provider_id = p_provider AND c.day >= v_today - 1 ORDER BY c.day FOR UPDATE;
    IF p_amount + (SELECT c.spent + c.held FROM model_cost AS c WHERE c.model_id = p_model AND c.day = v_today)
       > v_model_cap THEN
        RETURN 'model_cap';
    END IF;
    IF p_amount + (SELECT c.spent + c.held FROM provider_cost AS c WHERE c.provider_id = p_provider AND c.day = v_today)
       > v_daily
       OR p_amount + (SELECT sum(c.spent + c.held) FROM provider_cost AS c
                      WHERE c.provider_id = p_provider AND c.day BETWEEN v_month AND v_today) > v_monthly THEN
        RETURN 'provider_cap';
    END IF;
    UPDATE model_cost AS c SET spent = c.spent + p_amount WHERE c.model_id = p_model AND c.day = v_today;
    UPDATE provider_cost AS c SET spent = c.spent + p_amount WHERE c.provider_id = p_provider AND c.day = v_today;
    INSERT INTO provider_tests (test_id, provider_id, day, model_id, upstream_model, made_at, made_by, cost)
    VALUES (p_test, p_provider, v_today, p_model, p_upstream_model, clock_timestamp(), p_by, p_amount);
    RETURN 'begun';
END $$;
REVOKE ALL ON FUNCTION gateway_probe FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_probe TO omna_runtime;


-- gateway_probed: such a call ended: count what it cost, at most what it began with.
CREATE OR REPLACE FUNCTION gateway_probed(
    p_test uuid, p_cost bigint, p_prompt_tokens integer, p_completion_tokens integer, p_duration_ms integer, p_outcome text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
DECLARE
    made provider_tests;
    v_less bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(5108, 1);
    SELECT * INTO made FROM provider_tests AS t WHERE t.test_id = p_test AND t.outcome IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    v_less := made.cost - least(p_cost, made.cost);
    UPDATE model_cost AS c SET spent = c.spent - v_less WHERE c.model_id = made.model_id AND c.day = made.day;
    UPDATE provider_cost AS c SET spent = c.spent - v_less WHERE c.provider_id = made.provider_id AND c.day = made.day;
    UPDATE provider_tests AS t
    SET cost = made.cost - v_less, prompt_tokens = p_prompt_tokens, completion_tokens = p_completion_tokens,
        duration_ms = p_duration_ms, outcome = p_outcome
    WHERE t.test_id = p_test;
END $$;
REVOKE ALL ON FUNCTION gateway_probed FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_probed TO omna_runtime;
