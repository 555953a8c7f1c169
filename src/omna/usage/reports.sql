-- What reports read. The functions have no settings of their own, so that they become part of the query that calls them.


-- usage_summed: sums of one workspace over spans of time.
-- In      spans as parallel arrays: grain (d: days, h: hours), begin, end (exclusive); what is wanted: keys, models, sources,
--         outcomes (NULL: all); people: beside the keys, what these people chat (never without keys)
DROP FUNCTION IF EXISTS usage_rows(uuid, text[], timestamptz[], timestamptz[], uuid[], text[], text[], text[]);
CREATE OR REPLACE FUNCTION usage_summed(
    p_workspace uuid, p_grain text[], p_from timestamptz[], p_until timestamptz[],
    p_keys uuid[], p_models text[], p_sources text[], p_outcomes text[], p_people uuid[] DEFAULT NULL
) RETURNS SETOF usage_sums
LANGUAGE sql STABLE AS $$
    SELECT u.*
    FROM unnest(p_grain, p_from, p_until) AS span (grain, begins, ends)
    JOIN omna.usage_sums AS u ON u.workspace_id = p_workspace AND u.grain = span.grain::"char"
         AND u.start >= span.begins AND u.start < span.ends
    WHERE (p_keys IS NULL OR u.key_id = ANY (p_keys)) AND (p_models IS NULL OR u.model_id = ANY (p_models))
      AND (p_sources IS NULL OR u.source = ANY (p_sources)) AND (p_outcomes IS NULL OR u.outcome = ANY (p_outcomes))
    -- Apart, so that each part has an index of its own; a chat has no key, so nothing is in both.
    UNION ALL
    SELECT u.*
    FROM unnest(p_grain, p_from, p_until) AS span (grain, begins, ends)
    JOIN omna.usage_sums AS u ON u.workspace_id = p_workspace AND u.grain = span.grain::"char"
         AND u.start >= span.begins AND u.start < span.ends
    WHERE u.user_id = ANY (p_people) AND (p_models IS NULL OR u.model_id = ANY (p_models))
      AND (p_sources IS NULL OR u.source = ANY (p_sources)) AND (p_outcomes IS NULL OR u.outcome = ANY (p_outcomes))
$$;
DROP FUNCTION IF EXISTS usage_summed(uuid, text[], timestamptz[], timestamptz[], uuid[], text[], text[], text[]);
GRANT EXECUTE ON FUNCTION usage_summed TO omna_runtime;


-- usage_single: single requests of one workspace within ranges of ids (ends exclusive); what is wanted as above.
CREATE OR REPLACE FUNCTION usage_single(
    p_workspace uuid, p_from uuid[], p_until uuid[], p_keys uuid[], p_models text[], p_sources text[], p_outcomes text[],
    p_people uuid[] DEFAULT NULL
) RETURNS SETOF requests
LANGUAGE sql STABLE AS $$
    SELECT r.*
    FROM unnest(p_from, p_until) AS span (begins, ends)
    -- OFFSET keeps the planner from walking all requests of the workspace and comparing each with the ranges.
    CROSS JOIN LATERAL (
        SELECT q.* FROM omna.requests AS q
        WHERE q.workspace_id = p_workspace AND q.request_id >= span.begins AND q.request_id < span.ends
          AND (p_keys IS NULL OR q.key_id = ANY (p_keys) OR q.user_id = ANY (p_people))
          AND (p_models IS NULL OR q.model_id = ANY (p_models))
          AND (p_sources IS NULL OR q.source = ANY (p_sources)) AND (p_outcomes IS NULL OR q.outcome = ANY (p_outcomes))
        OFFSET 0
    ) AS r
$$;
DROP FUNCTION IF EXISTS usage_single(uuid, uuid[], uuid[], uuid[], text[], text[], text[]);
GRANT EXECUTE ON FUNCTION usage_single TO omna_runtime;


-- usage_details: single requests of one workspace within ranges of ids, with the names that a person knows them by.
CREATE OR REPLACE FUNCTION usage_details(
    p_workspace uuid, p_from uuid[], p_until uuid[], p_keys uuid[], p_models text[], p_sources text[], p_outcomes text[],
    p_people uuid[] DEFAULT NULL
) RETURNS TABLE (
    request_id uuid, model_id text, provider_name text, key_id uuid, key_name text, member_name text, source text, api text,
    prompt_tokens integer, completion_tokens integer, cached_tokens integer, cache_write_tokens integer,
    reasoning_tokens integer, charge bigint, held bigint, duration_ms integer, first_delta_ms integer, outcome text,
    finish_reason text, error_code text, streamed boolean, estimated boolean, price_version_id uuid)
LANGUAGE sql STABLE AS $$
    SELECT r.request_id, r.model_id, p.name, r.key_id, k.name, u.name, r.source, r.api, r.prompt_tokens, r.completion_tokens,
           r.cached_tokens, r.cache_write_tokens, r.reasoning_tokens, r.charge, r.held, r.duration_ms, r.first_delta_ms,
           r.outcome, r.finish_reason, r.error_code, r.streamed, r.estimated, r.price_version_id
    FROM omna.usage_single(p_workspace, p_from, p_until, p_keys, p_models, p_sources, p_outcomes, p_people) AS r
    LEFT JOIN omna.providers AS p ON p.provider_id = r.provider_id
    LEFT JOIN omna.api_keys AS k ON k.key_id = r.key_id
    LEFT JOIN omna.users AS u ON u.user_id = coalesce(r.user_id, k.created_by)
$$;
DROP FUNCTION IF EXISTS usage_details(uuid, uuid[], uuid[], uuid[], text[], text[], text[]);
GRANT EXECUTE ON FUNCTION usage_details TO omna_runtime;
