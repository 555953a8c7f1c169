-- What reports read. The functions have no settings of their own, so that they become part of the query that calls them.


-- usage_rows: sums and single requests of one workspace over spans of time, in one shape.
-- In      spans as parallel arrays: grain (d, h: sums of days, hours; r: single requests), begin, end (exclusive);
--         what is wanted: keys, models, sources, outcomes (NULL: all)
CREATE OR REPLACE FUNCTION usage_rows(
    p_workspace uuid, p_grain text[], p_from timestamptz[], p_until timestamptz[],
    p_keys uuid[], p_models text[], p_sources text[], p_outcomes text[]
) RETURNS TABLE (
    start timestamptz, requests bigint, charge bigint, prompt_tokens bigint, completion_tokens bigint,
    cached_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint, duration_ms bigint, first_delta_ms bigint,
    first_deltas bigint, key_id uuid, source text, outcome text, model_id text)
LANGUAGE sql STABLE AS $$
    SELECT u.start, u.requests, u.charge, u.prompt_tokens, u.completion_tokens, u.cached_tokens, u.cache_write_tokens,
           u.reasoning_tokens, u.duration_ms, u.first_delta_ms, u.first_deltas, u.key_id, u.source, u.outcome, u.model_id
    FROM unnest(p_grain, p_from, p_until) AS span (grain, begins, ends)
    JOIN omna.usage_sums AS u ON u.workspace_id = p_workspace AND u.grain = span.grain::"char"
         AND u.start >= span.begins AND u.start < span.ends
    WHERE span.grain <> 'r'
      AND (p_keys IS NULL OR u.key_id = ANY (p_keys)) AND (p_models IS NULL OR u.model_id = ANY (p_models))
      AND (p_sources IS NULL OR u.source = ANY (p_sources)) AND (p_outcomes IS NULL OR u.outcome = ANY (p_outcomes))
    UNION ALL
    SELECT omna.id_made_at(r.request_id), 1, r.charge, r.prompt_tokens, r.completion_tokens, r.cached_tokens,
           r.cache_write_tokens, r.reasoning_tokens, r.duration_ms, coalesce(r.first_delta_ms, 0),
           (r.first_delta_ms IS NOT NULL)::integer, r.key_id, r.source, r.outcome, r.model_id
    FROM unnest(p_grain, p_from, p_until) AS span (grain, begins, ends)
    JOIN omna.requests AS r ON r.workspace_id = p_workspace
         AND r.request_id >= omna.first_id_at(span.begins) AND r.request_id < omna.first_id_at(span.ends)
    WHERE span.grain = 'r'
      AND (p_keys IS NULL OR r.key_id = ANY (p_keys)) AND (p_models IS NULL OR r.model_id = ANY (p_models))
      AND (p_sources IS NULL OR r.source = ANY (p_sources)) AND (p_outcomes IS NULL OR r.outcome = ANY (p_outcomes))
$$;
GRANT EXECUTE ON FUNCTION usage_rows TO omna_runtime;


-- usage_details: single requests of one workspace within ranges of ids, with the names that a person knows them by.
CREATE OR REPLACE FUNCTION usage_details(
    p_workspace uuid, p_from uuid[], p_until uuid[], p_keys uuid[], p_models text[], p_sources text[], p_outcomes text[]
) RETURNS TABLE (
    request_id uuid, model_id text, provider_name text, key_id uuid, key_name text, member_name text, source text, api text,
    prompt_tokens integer, completion_tokens integer, cached_tokens integer, cache_write_tokens integer,
    reasoning_tokens integer, charge bigint, held bigint, duration_ms integer, first_delta_ms integer, outcome text,
    finish_reason text, error_code text, streamed boolean, estimated boolean, price_version_id uuid)
LANGUAGE sql STABLE AS $$
    SELECT r.request_id, r.model_id, p.name, r.key_id, k.name, u.name, r.source, r.api, r.prompt_tokens, r.completion_tokens,
           r.cached_tokens, r.cache_write_tokens, r.reasoning_tokens, r.charge, r.held, r.duration_ms, r.first_delta_ms,
           r.outcome, r.finish_reason, r.error_code, r.streamed, r.estimated, r.price_version_id
    FROM unnest(p_from, p_until) AS span (begins, ends)
    JOIN omna.requests AS r ON r.workspace_id = p_workspace AND r.request_id >= span.begins AND r.request_id < span.ends
    LEFT JOIN omna.providers AS p ON p.provider_id = r.provider_id
    LEFT JOIN omna.api_keys AS k ON k.key_id = r.key_id
    LEFT JOIN omna.users AS u ON u.user_id = k.created_by
    WHERE (p_keys IS NULL OR r.key_id = ANY (p_keys)) AND (p_models IS NULL OR r.model_id = ANY (p_models))
      AND (p_sources IS NULL OR r.source = ANY (p_sources)) AND (p_outcomes IS NULL OR r.outcome = ANY (p_outcomes))
$$;
GRANT EXECUTE ON FUNCTION usage_details TO omna_runtime;
