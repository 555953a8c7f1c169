-- gateway_admit: decide a batch of requests and hold the Credits each may need.
--
-- In      parallel arrays, one position per request:
--         request      the request's id; transfer = request for a new one, another id to extend a running one
--         digest       SHA-256 of the API key, NULL for a caller inside Omna, who names its workspace instead
--         user         of such a caller, the person who asks; what holds for the maker of a key holds for them
--         scope        'api' or 'chat'
--         model, provider, provider_name, route, price_version   what it was priced for; the provider that is tried first
--         amount       nanocredits to hold, >= 0; provider_amount: the same at provider cost
--         catalog, catalog_until   version of the snapshot it was priced from, and when that snapshot stops being true
--         prompt_tokens, streamed  for the row of the running request
-- Out     one row per request, in input order: the verdict; the numbers of the limit that bound, or the key's rate
-- Reads   stops, api_keys, workspaces, members, users, wallets, promo_grants, holds, transfers, models,
--         providers, catalog_state
-- Writes  key_rates, key_spend, chat_spend, workspace_spend, model_cost, provider_cost, running_requests;
--         wallets and the ledger only through ledger_book_holds()
--
-- One function, because a check and a deduction in two statements are two requests on one balance.
--   1. Lock in one order: controls (shared), wallets by id, models by id, providers by id. Batches of several replicas
--      overlap; without one order they deadlock. Rates and spend of keys, people and workspaces live under their wallet's
--      lock.
--   2. Answer known request ids first, before any limit: a retry must hear its old success.
--   3. Walk the requests in arrival order with running totals, or ten small requests each see the same last Credit.
--      The order of checks is the order of the verdicts below, and a refused request uses up nothing.
-- VOLATILE on purpose: each statement below takes a new view of the data and sees what step 1 waited for.
-- A refusal is a row, never an exception: one empty wallet must not fail its 255 neighbours.
CREATE OR REPLACE FUNCTION gateway_admit(
    p_process uuid, p_lease interval,
    p_request uuid[], p_transfer uuid[], p_digest bytea[], p_workspace uuid[], p_scope text[],
    p_model text[], p_provider uuid[], p_provider_name text[], p_route uuid[], p_price_version uuid[],
    p_amount bigint[], p_provider_amount bigint[], p_catalog bigint[], p_catalog_until timestamptz[],
    p_prompt_tokens integer[], p_streamed boolean[], p_user uuid[] DEFAULT NULL
) RETURNS TABLE (
    ord integer, verdict text, workspace_id uuid, key_id uuid, day date,
    -- The limit that refused it: what it allows, what is used and held, and when it resets.
    limit_name text, limit_amount bigint, used bigint, held bigint, resets_at timestamptz, note text,
    -- The rate of the key after this request, NULL without one.
    rpm integer, rpm_left integer, rpm_full_at timestamptz, decided_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz;
    v_today date;
    v_catalog bigint;
    v_stops text[];
    v_cuts text[];
    v_stop text;
    v_known uuid[];
    item record;
    v_verdict text;
    v_extends boolean;
    v_left bigint;
    v_take_promo bigint;
    -- Whether a model or provider of this batch is counted today.
    v_models_counted boolean;
    v_providers_counted boolean;
    -- Whether somebody of this batch chats.
    v_chats boolean := false;
    -- Running totals: the subjects that came up so far, each with a place (w, k, u, d, m, p, q) in the arrays beside it.
    w integer; s_wallet uuid[] := '{}'; s_promo bigint[]; s_paid bigint[]; s_running bigint[];
    k integer; s_key text[] := '{}'; s_key_used bigint[]; s_rate bigint[]; s_key_running bigint[];
    u integer; s_member text[] := '{}'; s_member_used bigint[]; s_member_held bigint[];
    d integer; s_day text[] := '{}'; s_day_used bigint[];
    m integer; s_model text[] := '{}'; s_model_used bigint[];
    p integer; s_provider text[] := '{}'; s_provider_used bigint[];
    q integer; s_month text[] := '{}'; s_month_used bigint[]; s_month_held bigint[];
    v_day text;
    v_month date;
    v_used bigint;
    v_held bigint;
    -- Admitted requests.
    a_ord integer[] := '{}'; a_request uuid[] := '{}'; a_transfer uuid[] := '{}'; a_promo bigint[] := '{}';
    a_paid bigint[] := '{}'; a_workspace uuid[] := '{}'; a_key uuid[] := '{}'; a_day date[] := '{}';
    n integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(5108, 1);
    SELECT array_agg(s.scope), array_agg(s.scope) FILTER (WHERE s.cut_streams) INTO v_stops, v_cuts FROM stops AS s;
    SELECT c.version INTO v_catalog FROM catalog_state AS c;

    -- Every workspace this batch may touch: of the keys, and of callers inside Omna.
    SELECT array_agg(DISTINCT coalesce(k.workspace_id, i.workspace_id)) INTO v_known
    FROM unnest(p_digest, p_workspace) AS i (digest, workspace_id)
    LEFT JOIN api_keys AS k ON k.digest = i.digest;
    PERFORM FROM wallets AS w WHERE w.workspace_id = ANY (v_known) ORDER BY w.workspace_id FOR UPDATE;

    v_now := clock_timestamp();
    v_today := (v_now AT TIME ZONE 'UTC')::date;

    -- A cap is counted from the first request of its day on; see risk/controls.sql for a cap that is set at noon.
    INSERT INTO model_cost (model_id, day)
    SELECT m.model_id, v_today FROM models AS m
    WHERE m.model_id = ANY (p_model) AND m.daily_cap IS NOT NULL ORDER BY m.model_id
    ON CONFLICT DO NOTHING;
    PERFORM FROM model_cost AS c WHERE c.model_id = ANY (p_model) AND c.day >= v_today - 1
    ORDER BY c.model_id, c.day FOR UPDATE;
    v_models_counted := FOUND;
    INSERT INTO provider_cost (provider_id, day)
    SELECT p.provider_id, v_today FROM providers AS p
    WHERE p.provider_id = ANY (p_provider) AND coalesce(p.daily_cap, p.monthly_cap) IS NOT NULL ORDER BY p.provider_id
    ON CONFLICT DO NOTHING;
    PERFORM FROM provider_cost AS c WHERE c.provider_id = ANY (p_provider) AND c.day >= v_today - 1
    ORDER BY c.provider_id, c.day FOR UPDATE;
    v_providers_counted := FOUND;

    FOR item IN
        -- Nothing but look-ups by key, one after the other for each request: no plan can get this wrong. A key that is NULL
        -- is not looked up at all, which is why what need not be known is asked for by CASE, not by a condition beside it.
        SELECT r.ord::integer AS ord, r.request_id, r.transfer_id, r.digest, r.scope, r.model_id, r.provider_name,
               r.amount, r.provider_amount, r.catalog, r.catalog_until,
               api_key.key_id, owner.workspace_id, api_key.rpm, api_key.max_running AS key_most_running, api_key.spend_limit, api_key.spend_period, api_key.allowed_models,
               api_key.revoked_at IS NOT NULL OR api_key.expires_at <= v_now AS key_gone, api_key.disabled_at IS NOT NULL AS key_off,
               running.request_id IS NOT NULL AS running, known.transfer_id IS NOT NULL AS known, counted.day,
               wallet.available_paid, wallet.held_paid + wallet.held_promo AS held, wallet.debt, coalesce(promo.spendable, 0) AS promo,
               space.frozen_reason, maker.frozen_reason AS maker_frozen_reason, least(space.daily_limit, space.own_daily_limit) AS daily_limit, space.max_running AS most_running,
               space.pending, space.deleted_at IS NOT NULL AS deleted,
               -- A key that a person made lives as long as that person may have keys here, and who chats must be one of
               -- those people too. The operator's keys have no maker.
               owner.user_id IS NOT NULL AND (coalesce(member.role, 'billing') = 'billing' OR maker.disabled_at IS NOT NULL) AS orphaned,
               owner.user_id IS NOT NULL AND r.digest IS NULL AS chats,
               member.user_id, member.spend_limit AS member_limit, member.spend_period AS member_period,
               key_window.spent AS key_spent, key_window.held AS key_held,
               day_spend.spent AS day_spent, day_spend.held AS day_held,
               model.daily_cap AS model_cap, model_day.spent AS model_spent, model_day.held AS model_held,
               provider.monthly_cap, provider.provider_id,
               provider.daily_cap AS provider_cap, provider_day.spent AS provider_spent, provider_day.held AS provider_held,
               rate.latest AS rate_latest, rate.admitted AS rate_admitted
        FROM unnest(p_request, p_transfer, p_digest, p_workspace, p_scope, p_model, p_provider, p_provider_name,
                    p_amount, p_provider_amount, p_catalog, p_catalog_until, p_user) WITH ORDINALITY
             AS r (request_id, transfer_id, digest, workspace_in, scope, model_id, provider_id, provider_name,
                   amount, provider_amount, catalog, catalog_until, user_in, ord)
        LEFT JOIN api_keys AS api_key ON api_key.digest = r.digest
        CROSS JOIN LATERAL (
            SELECT coalesce(api_key.workspace_id, r.workspace_in) AS workspace_id,
                   CASE WHEN r.digest IS NULL THEN r.user_in ELSE api_key.created_by END AS user_id
        ) AS owner
        LEFT JOIN running_requests AS running
             ON running.workspace_id = owner.workspace_id AND running.request_id = r.request_id
        -- A running request is counted on the day it was admitted, whatever the clock says when it is extended.
        CROSS JOIN LATERAL (SELECT coalesce(running.day, v_today) AS day) AS counted
        LEFT JOIN transfers AS known
             ON known.workspace_id = owner.workspace_id AND known.transfer_id = r.transfer_id
        LEFT JOIN wallets AS wallet ON wallet.workspace_id = owner.workspace_id
        LEFT JOIN workspaces AS space ON space.workspace_id = owner.workspace_id
        LEFT JOIN members AS member ON member.workspace_id = owner.workspace_id AND member.user_id = owner.user_id
        LEFT JOIN users AS maker ON maker.user_id = owner.user_id
        LEFT JOIN LATERAL (
            SELECT sum(g.remaining)::bigint AS spendable FROM promo_grants AS g
            WHERE wallet.available_promo > 0 AND g.workspace_id = wallet.workspace_id AND g.remaining > 0 AND g.expires_at > v_now
        ) AS promo ON true
        LEFT JOIN LATERAL (
            SELECT coalesce(sum(spend.spent), 0)::bigint AS spent, coalesce(sum(spend.held), 0)::bigint AS held
            FROM key_spend AS spend
            WHERE api_key.spend_limit IS NOT NULL AND spend.workspace_id = api_key.workspace_id AND spend.key_id = api_key.key_id
              AND spend.day >= CASE api_key.spend_period WHEN 'total' THEN date '-infinity'
                               ELSE date_trunc(api_key.spend_period, counted.day::timestamp)::date END
              AND spend.day <= counted.day
        ) AS key_window ON true
        LEFT JOIN workspace_spend AS day_spend
             ON day_spend.workspace_id = CASE WHEN coalesce(space.daily_limit, space.own_daily_limit) IS NOT NULL THEN space.workspace_id END
                AND day_spend.day = counted.day
        LEFT JOIN key_rates AS rate
             ON rate.workspace_id = api_key.workspace_id AND rate.key_id = CASE WHEN api_key.rpm IS NOT NULL THEN api_key.key_id END
        LEFT JOIN models AS model ON model.model_id = r.model_id
        LEFT JOIN model_cost AS model_day
             ON model_day.model_id = CASE WHEN model.daily_cap IS NOT NULL THEN model.model_id END AND model_day.day = counted.day
        LEFT JOIN providers AS provider ON provider.provider_id = r.provider_id
        LEFT JOIN provider_cost AS provider_day
             ON provider_day.provider_id = CASE WHEN provider.daily_cap IS NOT NULL THEN provider.provider_id END AND provider_day.day = counted.day
        ORDER BY r.ord
    LOOP
        ord := item.ord; workspace_id := item.workspace_id; key_id := item.key_id; day := item.day;
        limit_name := NULL; limit_amount := NULL; used := NULL; held := NULL; resets_at := NULL; note := NULL;
        rpm := NULL; rpm_left := NULL; rpm_full_at := NULL; decided_at := v_now;
        v_verdict := NULL;
        v_extends := item.transfer_id <> item.request_id;

        -- Find each subject of this request, or begin it with what its rows say. Spend is counted by day.
        v_day := item.day::text;
        w := array_position(s_wallet, item.workspace_id);
        IF w IS NULL THEN
            s_wallet := s_wallet || item.workspace_id;
            w := cardinality(s_wallet);
            s_paid[w] := item.available_paid;
            s_promo[w] := item.promo;
            s_running[w] := 0;
            -- Counted only where there is a bound: under the wallet's lock nobody else begins or ends a request.
            IF item.most_running IS NOT NULL THEN
                s_running[w] := (SELECT count(*) FROM running_requests AS other WHERE other.workspace_id = item.workspace_id);
            END IF;
        END IF;
        v_left := CASE WHEN item.debt < 0 THEN 0 ELSE s_paid[w] + s_promo[w] END;
        IF item.spend_limit IS NOT NULL OR item.rpm IS NOT NULL OR item.key_most_running IS NOT NULL THEN
            k := array_position(s_key, item.key_id || v_day);
            IF k IS NULL THEN
                s_key := s_key || (item.key_id || v_day);
                k := cardinality(s_key);
                s_key_used[k] := item.key_spent + item.key_held;
                IF item.key_most_running IS NOT NULL THEN
                    s_key_running[k] := (
                        SELECT count(*) FROM running_requests AS other
                        WHERE other.workspace_id = item.workspace_id AND other.key_id = item.key_id);
                END IF;
                s_rate[k] := (
                    SELECT coalesce(sum(bucket.admitted), 0)
                    FROM unnest(item.rate_latest, item.rate_admitted) AS bucket (latest, admitted)
                    WHERE bucket.latest > v_now - interval '60 s');
            END IF;
        END IF;
        IF item.member_limit IS NOT NULL THEN
            u := array_position(s_member, item.workspace_id || '/' || item.user_id || v_day);
            IF u IS NULL THEN
                s_member := s_member || (item.workspace_id || '/' || item.user_id || v_day);
                u := cardinality(s_member);
                -- All keys of theirs count, also those that were ended, and what they chat.
                SELECT coalesce(sum(spend.spent + spend.held), 0), coalesce(sum(spend.held), 0)
                INTO v_used, v_held
                FROM api_keys AS theirs
                JOIN key_spend AS spend ON spend.workspace_id = theirs.workspace_id AND spend.key_id = theirs.key_id
                WHERE theirs.workspace_id = item.workspace_id AND theirs.created_by = item.user_id
                  AND spend.day >= date_trunc(item.member_period, item.day::timestamp)::date AND spend.day <= item.day;
                SELECT v_used + coalesce(sum(spend.spent + spend.held), 0), v_held + coalesce(sum(spend.held), 0)
                INTO v_used, v_held
                FROM chat_spend AS spend
                WHERE spend.workspace_id = item.workspace_id AND spend.user_id = item.user_id
                  AND spend.day >= date_trunc(item.member_period, item.day::timestamp)::date AND spend.day <= item.day;
                s_member_used[u] := v_used;
                s_member_held[u] := v_held;
            END IF;
        END IF;
        IF item.daily_limit IS NOT NULL THEN
            d := array_position(s_day, item.workspace_id || v_day);
            IF d IS NULL THEN
                s_day := s_day || (item.workspace_id || v_day);
                d := cardinality(s_day);
                s_day_used[d] := coalesce(item.day_spent + item.day_held, 0);
            END IF;
        END IF;
        IF item.model_cap IS NOT NULL THEN
            m := array_position(s_model, item.model_id || v_day);
            IF m IS NULL THEN
                s_model := s_model || (item.model_id || v_day);
                m := cardinality(s_model);
                s_model_used[m] := coalesce(item.model_spent + item.model_held, 0);
            END IF;
        END IF;
        IF item.provider_cap IS NOT NULL THEN
            p := array_position(s_provider, item.provider_name || v_day);
            IF p IS NULL THEN
                s_provider := s_provider || (item.provider_name || v_day);
                p := cardinality(s_provider);
                s_provider_used[p] := coalesce(item.provider_spent + item.provider_held, 0);
            END IF;
        END IF;
        IF item.monthly_cap IS NOT NULL THEN
            v_month := date_trunc('month', item.day::timestamp)::date;
            q := array_position(s_month, item.provider_name || v_month::text);
            IF q IS NULL THEN
                s_month := s_month || (item.provider_name || v_month::text);
                q := cardinality(s_month);
                -- Days before yesterday only sink: what is held there is settled for less.
                SELECT coalesce(sum(c.spent + c.held), 0), coalesce(sum(c.held), 0)
                INTO v_used, v_held
                FROM provider_cost AS c
                WHERE c.provider_id = item.provider_id
                  AND c.day >= v_month AND c.day < (v_month + interval '1 month')::date;
                s_month_used[q] := v_used;
                s_month_held[q] := v_held;
            END IF;
        END IF;

        -- A stop refuses what is new; only one that cuts streams refuses more to a running one. The widest is told.
        v_stop := NULL;
        IF v_stops IS NOT NULL THEN
            SELECT stop.scope INTO v_stop
            FROM unnest(CASE WHEN v_extends THEN v_cuts ELSE v_stops END) AS stop (scope)
            WHERE stop.scope IN ('all', item.scope, 'model:' || item.model_id, 'provider:' || item.provider_name)
            ORDER BY stop.scope <> 'all', stop.scope LIMIT 1;
        END IF;

        IF item.known OR item.transfer_id = ANY (a_transfer) THEN
            -- The answer to an earlier call was lost on its way; what it decided stands.
            v_verdict := CASE WHEN item.running OR item.transfer_id = ANY (a_transfer) THEN 'admitted' ELSE 'resolved' END;
            verdict := v_verdict;
            RETURN NEXT;
            CONTINUE;
        ELSIF v_stop IS NOT NULL THEN
            v_verdict := 'emergency_stop';
            note := v_stop || E'\n' || coalesce((SELECT s.message FROM stops AS s WHERE s.scope = v_stop), '');
        ELSIF item.digest IS NOT NULL AND (item.key_id IS NULL OR item.key_gone) THEN
            v_verdict := 'invalid_api_key';
        ELSIF item.available_paid IS NULL OR item.deleted THEN
            v_verdict := 'invalid_api_key';
        ELSIF v_extends AND NOT item.running THEN
            v_verdict := 'resolved';
        ELSIF item.key_off THEN
            v_verdict := 'key_disabled';
        ELSIF item.orphaned THEN
            v_verdict := CASE WHEN item.chats THEN 'chat_not_allowed' ELSE 'key_orphaned' END;
        ELSIF item.frozen_reason IS NOT NULL THEN
            v_verdict := 'account_frozen';
            note := item.frozen_reason;
        ELSIF item.maker_frozen_reason IS NOT NULL THEN
            v_verdict := CASE WHEN item.chats THEN 'person_frozen' ELSE 'maker_frozen' END;
            note := item.maker_frozen_reason;
        ELSIF item.pending IS NOT NULL THEN
            v_verdict := CASE item.pending WHEN 'verification' THEN 'email_not_verified' ELSE 'awaiting_approval' END;
        ELSIF item.allowed_models IS NOT NULL AND NOT item.model_id = ANY (item.allowed_models) THEN
            v_verdict := 'model_not_allowed';
        ELSIF NOT v_extends AND (item.catalog <> v_catalog OR item.catalog_until <= v_now) THEN
            v_verdict := 'stale_catalog';
        ELSIF item.rpm IS NOT NULL AND NOT v_extends AND s_rate[k] >= item.rpm THEN
            v_verdict := 'key_rpm';
            limit_name := 'key_rpm'; limit_amount := item.rpm; used := s_rate[k]; held := 0;
            -- A slot is free again when enough of the oldest buckets have ended. Requests of this very batch count as
            -- the newest bucket, which ends 60 s from now.
            SELECT coalesce(min(aged.latest), v_now) + interval '60 s' INTO resets_at FROM (
                SELECT bucket.latest, sum(bucket.admitted) OVER (ORDER BY bucket.latest) AS freed
                FROM unnest(item.rate_latest, item.rate_admitted) AS bucket (latest, admitted)
                WHERE bucket.latest > v_now - interval '60 s'
            ) AS aged
            WHERE s_rate[k] - aged.freed < item.rpm;
        ELSIF NOT v_extends AND item.key_most_running IS NOT NULL AND s_key_running[k] >= item.key_most_running THEN
            v_verdict := 'key_concurrency';
            limit_name := v_verdict; limit_amount := item.key_most_running; used := s_key_running[k]; held := 0;
        ELSIF NOT v_extends AND item.most_running IS NOT NULL AND s_running[w] >= item.most_running THEN
            v_verdict := 'workspace_concurrency';
            limit_name := 'user_concurrency'; limit_amount := item.most_running; used := s_running[w]; held := 0;
        ELSIF item.spend_limit IS NOT NULL AND s_key_used[k] + item.amount > item.spend_limit THEN
            v_verdict := 'key_limit';
            limit_name := CASE item.spend_period WHEN 'day' THEN 'key_daily' WHEN 'week' THEN 'key_weekly'
                          WHEN 'month' THEN 'key_monthly' ELSE 'key_total' END;
            limit_amount := item.spend_limit; held := coalesce(item.key_held, 0);
            used := s_key_used[k] - held;
            IF item.spend_period <> 'total' THEN
                resets_at := (date_trunc(item.spend_period, item.day::timestamp)
                              + ('1 ' || item.spend_period)::interval) AT TIME ZONE 'UTC';
            END IF;
        ELSIF item.member_limit IS NOT NULL AND s_member_used[u] + item.amount > item.member_limit THEN
            v_verdict := 'member_limit';
            limit_name := CASE item.member_period WHEN 'day' THEN 'member_daily' WHEN 'week' THEN 'member_weekly'
                          ELSE 'member_monthly' END;
            limit_amount := item.member_limit; held := s_member_held[u];
            used := s_member_used[u] - held;
            resets_at := (date_trunc(item.member_period, item.day::timestamp)
                          + ('1 ' || item.member_period)::interval) AT TIME ZONE 'UTC';
        ELSIF item.daily_limit IS NOT NULL AND s_day_used[d] + item.amount > item.daily_limit THEN
            v_verdict := 'workspace_limit';
            limit_name := 'user_daily'; limit_amount := item.daily_limit; held := coalesce(item.day_held, 0);
            used := s_day_used[d] - held;
            resets_at := (item.day + 1)::timestamp AT TIME ZONE 'UTC';
        ELSIF item.amount > v_left OR item.debt < 0 THEN
            v_verdict := 'balance';
            -- The balance is what could be spent if nothing were held; available = limit - used - held.
            limit_name := 'balance'; used := 0;
            limit_amount := item.available_paid + item.promo + item.held + item.debt;
            held := limit_amount - v_left;
        ELSIF item.model_cap IS NOT NULL
              AND s_model_used[m] + item.provider_amount > item.model_cap THEN
            v_verdict := 'model_cap';
            limit_name := 'model_daily'; limit_amount := item.model_cap; held := coalesce(item.model_held, 0);
            used := s_model_used[m] - held;
            resets_at := (item.day + 1)::timestamp AT TIME ZONE 'UTC';
        ELSIF item.provider_cap IS NOT NULL
              AND s_provider_used[p] + item.provider_amount > item.provider_cap THEN
            v_verdict := 'provider_cap';
            limit_name := 'provider_daily'; limit_amount := item.provider_cap; held := coalesce(item.provider_held, 0);
            used := s_provider_used[p] - held;
            resets_at := (item.day + 1)::timestamp AT TIME ZONE 'UTC';
        ELSIF item.monthly_cap IS NOT NULL
              AND s_month_used[q] + item.provider_amount > item.monthly_cap THEN
            v_verdict := 'provider_cap';
            limit_name := 'provider_monthly'; limit_amount := item.monthly_cap; held := s_month_held[q];
            used := s_month_used[q] - held;
            resets_at := (v_month + interval '1 month') AT TIME ZONE 'UTC';
        ELSE
            v_verdict := 'admitted';
            -- Promo Credits go first; which grants they come from is the ledger's business.
            v_take_promo := least(item.amount, s_promo[w]);
            s_promo[w] := s_promo[w] - v_take_promo;
            s_paid[w] := s_paid[w] - (item.amount - v_take_promo);
            IF item.spend_limit IS NOT NULL THEN
                s_key_used[k] := s_key_used[k] + item.amount;
            END IF;
            IF item.member_limit IS NOT NULL THEN
                s_member_used[u] := s_member_used[u] + item.amount;
            END IF;
            v_chats := v_chats OR item.chats;
            IF item.rpm IS NOT NULL AND NOT v_extends THEN
                s_rate[k] := s_rate[k] + 1;
            END IF;
            IF NOT v_extends THEN
                s_running[w] := s_running[w] + 1;
                IF item.key_most_running IS NOT NULL THEN
                    s_key_running[k] := s_key_running[k] + 1;
                END IF;
            END IF;
            IF item.daily_limit IS NOT NULL THEN
                s_day_used[d] := s_day_used[d] + item.amount;
            END IF;
            IF item.model_cap IS NOT NULL THEN
                s_model_used[m] := s_model_used[m] + item.provider_amount;
            END IF;
            IF item.provider_cap IS NOT NULL THEN
                s_provider_used[p] := s_provider_used[p] + item.provider_amount;
            END IF;
            IF item.monthly_cap IS NOT NULL THEN
                s_month_used[q] := s_month_used[q] + item.provider_amount;
            END IF;
            n := n + 1;
            a_ord[n] := item.ord;
            a_request[n] := item.request_id;
            a_transfer[n] := item.transfer_id;
            a_promo[n] := v_take_promo;
            a_paid[n] := item.amount - v_take_promo;
            a_workspace[n] := item.workspace_id;
            a_key[n] := item.key_id;
            a_day[n] := item.day;
        END IF;

        IF item.rpm IS NOT NULL AND v_verdict NOT IN ('invalid_api_key', 'key_orphaned', 'stale_catalog') THEN
            rpm := item.rpm;
            rpm_left := greatest(item.rpm - s_rate[k], 0);
            rpm_full_at := CASE WHEN v_verdict = 'admitted' THEN v_now
                                ELSE coalesce(item.rate_latest[cardinality(item.rate_latest)], v_now) END
                           + interval '60 s';
        END IF;
        verdict := v_verdict;
        RETURN NEXT;
    END LOOP;

    IF n = 0 THEN
        RETURN;
    END IF;

    PERFORM ledger_book_holds(a_transfer, a_request, a_workspace, a_promo, a_paid, v_now, p_lease);

    INSERT INTO running_requests AS running (
        workspace_id, request_id, process_id, key_id, source, model_id, provider_id, route_id, price_version_id,
        streamed, day, amount, provider_amount, prompt_tokens, started_at, user_id)
    SELECT a.workspace_id, p_request[a.ord], p_process, a.key_id, p_scope[a.ord], p_model[a.ord], p_provider[a.ord],
           p_route[a.ord], p_price_version[a.ord], p_streamed[a.ord], a.day, a.amount, a.provider_amount,
           p_prompt_tokens[a.ord], v_now, CASE WHEN a.key_id IS NULL THEN p_user[a.ord] END
    FROM (
        -- A request may be extended twice in one batch.
        SELECT min(i.ord) AS ord, i.workspace_id, i.key_id, i.day,
               sum(p_amount[i.ord]) AS amount, sum(p_provider_amount[i.ord]) AS provider_amount
        FROM unnest(a_ord, a_request, a_workspace, a_key, a_day) AS i (ord, request_id, workspace_id, key_id, day)
        GROUP BY i.request_id, i.workspace_id, i.key_id, i.day
    ) AS a
    ON CONFLICT (workspace_id, request_id) DO UPDATE
        SET amount = running.amount + excluded.amount,
            provider_amount = running.provider_amount + excluded.provider_amount;

    INSERT INTO workspace_spend AS spend (workspace_id, day, held, requests)
    SELECT a.workspace_id, a.day, sum(p_amount[a.ord]), count(*) FILTER (WHERE p_transfer[a.ord] = p_request[a.ord])
    FROM unnest(a_ord, a_workspace, a_day) AS a (ord, workspace_id, day) GROUP BY 1, 2
    ON CONFLICT (workspace_id, day) DO UPDATE
        SET held = spend.held + excluded.held, requests = spend.requests + excluded.requests;

    INSERT INTO key_spend AS spend (workspace_id, key_id, day, held, requests, last_used_at)
    SELECT a.workspace_id, a.key_id, a.day, sum(p_amount[a.ord]),
           count(*) FILTER (WHERE p_transfer[a.ord] = p_request[a.ord]), v_now
    FROM unnest(a_ord, a_workspace, a_key, a_day) AS a (ord, workspace_id, key_id, day)
    WHERE a.key_id IS NOT NULL GROUP BY 1, 2, 3
    ON CONFLICT (workspace_id, key_id, day) DO UPDATE
        SET held = spend.held + excluded.held, requests = spend.requests + excluded.requests,
            last_used_at = excluded.last_used_at;

    IF v_chats THEN
        INSERT INTO chat_spend AS spend (workspace_id, user_id, day, held, requests)
        SELECT a.workspace_id, p_user[a.ord], a.day, sum(p_amount[a.ord]),
               count(*) FILTER (WHERE p_transfer[a.ord] = p_request[a.ord])
        FROM unnest(a_ord, a_workspace, a_key, a_day) AS a (ord, workspace_id, key_id, day)
        WHERE a.key_id IS NULL AND p_user[a.ord] IS NOT NULL GROUP BY 1, 2, 3
        ON CONFLICT (workspace_id, user_id, day) DO UPDATE
            SET held = spend.held + excluded.held, requests = spend.requests + excluded.requests;
    END IF;

    -- Rows exist for days on which a cap was in force; without one, nobody queues here.
    IF v_models_counted THEN
        UPDATE model_cost AS cost SET held = cost.held + added.amount
        FROM (SELECT p_model[a.ord] AS model_id, a.day, sum(p_provider_amount[a.ord]) AS amount
              FROM unnest(a_ord, a_day) AS a (ord, day) GROUP BY 1, 2) AS added
        WHERE cost.model_id = added.model_id AND cost.day = added.day;
    END IF;
    IF v_providers_counted THEN
        UPDATE provider_cost AS cost SET held = cost.held + added.amount
        FROM (SELECT p_provider[a.ord] AS provider_id, a.day, sum(p_provider_amount[a.ord]) AS amount
              FROM unnest(a_ord, a_day) AS a (ord, day) GROUP BY 1, 2) AS added
        WHERE cost.provider_id = added.provider_id AND cost.day = added.day;
    END IF;

    -- Count the admitted requests of keys with a rate in the bucket of this second, and drop buckets that have ended.
    INSERT INTO key_rates AS rate (workspace_id, key_id, latest, admitted)
    SELECT a.workspace_id, a.key_id, ARRAY[v_now], ARRAY[count(*)::integer]
    FROM unnest(a_ord, a_workspace, a_key) AS a (ord, workspace_id, key_id)
    JOIN api_keys AS k ON k.key_id = a.key_id AND k.rpm IS NOT NULL
    WHERE p_transfer[a.ord] = p_request[a.ord]
    GROUP BY 1, 2
    ON CONFLICT (workspace_id, key_id) DO UPDATE SET (latest, admitted) = (
        SELECT array_agg(second.latest ORDER BY second.latest), array_agg(second.admitted ORDER BY second.latest)
        FROM (
            SELECT max(bucket.latest) AS latest, sum(bucket.admitted)::integer AS admitted
            FROM (
                SELECT old.latest, old.admitted FROM unnest(rate.latest, rate.admitted) AS old (latest, admitted)
                WHERE old.latest > v_now - interval '60 s'
                UNION ALL
                SELECT excluded.latest[1], excluded.admitted[1]
            ) AS bucket
            GROUP BY date_trunc('second', bucket.latest)
        ) AS second
    );
END $$;
DROP FUNCTION IF EXISTS gateway_admit(
    uuid, interval, uuid[], uuid[], bytea[], uuid[], text[], text[], uuid[], text[], uuid[], uuid[], bigint[], bigint[],
    bigint[], timestamptz[], integer[], boolean[]);
REVOKE ALL ON FUNCTION gateway_admit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_admit TO omna_runtime;


-- gateway_reroute: move a running request to another provider, or to another model at its price, before its first byte,
-- as far as the caps, the key's models and the emergency stops allow. What is held stays: it covers the dearest model
-- the request may end at. What the request may cost the operator changes.
-- Out     rerouted | model_not_allowed | model_cap | provider_cap | emergency_stop | lost (no longer running)
CREATE OR REPLACE FUNCTION gateway_reroute(
    p_request uuid, p_workspace uuid, p_model text, p_price_version uuid, p_provider uuid, p_route uuid,
    p_provider_amount bigint
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
DECLARE
    running running_requests;
    v_today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    v_model_cap bigint;
    v_provider_cap bigint;
    v_monthly_cap bigint;
    v_month date;
    v_name text;
    v_counted bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(5108, 1);
    PERFORM FROM wallets AS w WHERE w.workspace_id = p_workspace FOR UPDATE;
    SELECT * INTO running FROM running_requests AS r
    WHERE r.workspace_id = p_workspace AND r.request_id = p_request FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'lost';
    END IF;
    SELECT m.daily_cap INTO v_model_cap FROM models AS m WHERE m.model_id = p_model;
    SELECT p.name, p.daily_cap, p.monthly_cap INTO v_name, v_provider_cap, v_monthly_cap FROM providers AS p WHERE p.provider_id = p_provider;
    IF EXISTS (SELECT FROM stops AS s WHERE s.scope IN ('provider:' || v_name, 'model:' || p_model)) THEN
        RETURN 'emergency_stop';
    END IF;
    IF EXISTS (
        SELECT FROM api_keys AS k WHERE k.key_id = running.key_id AND NOT p_model = ANY (k.allowed_models)
    ) THEN
        RETURN 'model_not_allowed';
    END IF;

    -- A cap counts from the first request of its day on. Of today alone: on an earlier day without a row there are
    -- requests that were never counted.
    INSERT INTO model_cost (model_id, day)
    SELECT p_model, v_today WHERE v_model_cap IS NOT NULL AND running.day = v_today ON CONFLICT DO NOTHING;
    PERFORM FROM model_cost AS c WHERE c.model_id IN (p_model, running.model_id) AND c.day = running.day
    ORDER BY c.model_id FOR UPDATE;
    INSERT INTO provider_cost (provider_id, day)
    SELECT p_provider, v_today WHERE coalesce(v_provider_cap, v_monthly_cap) IS NOT NULL AND running.day = v_today
    ON CONFLICT DO NOTHING;
    -- Both days that may still grow: the month is the sum of its days.
    PERFORM FROM provider_cost AS c WHERE c.provider_id IN (p_provider, running.provider_id)
        AND c.day >= least(running.day, v_today - 1)
    ORDER BY c.provider_id, c.day FOR UPDATE;

    -- Take the request out of where it was, put it where it goes; a cap that this exceeds undoes nothing, because
    -- nothing was written before the last check.
    SELECT c.spent + c.held - CASE WHEN p_model = running.model_id THEN running.provider_amount ELSE 0 END
    INTO v_counted FROM model_cost AS c WHERE c.model_id = p_model AND c.day = running.day;
    IF v_model_cap IS NOT NULL AND v_counted + p_provider_amount > v_model_cap THEN
        RETURN 'model_cap';
    END IF;
    SELECT c.spent + c.held - CASE WHEN p_provider = running.provider_id THEN running.provider_amount ELSE 0 END
    INTO v_counted FROM provider_cost AS c WHERE c.provider_id = p_provider AND c.day = running.day;
    IF v_provider_cap IS NOT NULL AND v_counted + p_provider_amount > v_provider_cap THEN
        RETURN 'provider_cap';
    END IF;
    IF v_monthly_cap IS NOT NULL THEN
        v_month := date_trunc('month', running.day::timestamp)::date;
        SELECT sum(c.spent + c.held) - CASE WHEN p_provider = running.provider_id THEN running.provider_amount ELSE 0 END
        INTO v_counted FROM provider_cost AS c
        WHERE c.provider_id = p_provider AND c.day >= v_month AND c.day < (v_month + interval '1 month')::date;
        IF v_counted + p_provider_amount > v_monthly_cap THEN
            RETURN 'provider_cap';
        END IF;
    END IF;
    UPDATE model_cost AS c SET held = c.held - running.provider_amount
    WHERE c.model_id = running.model_id AND c.day = running.day;
    UPDATE model_cost AS c SET held = c.held + p_provider_amount
    WHERE c.model_id = p_model AND c.day = running.day;
    UPDATE provider_cost AS c SET held = c.held - running.provider_amount
    WHERE c.provider_id = running.provider_id AND c.day = running.day;
    UPDATE provider_cost AS c SET held = c.held + p_provider_amount
    WHERE c.provider_id = p_provider AND c.day = running.day;
    UPDATE running_requests AS r
    SET model_id = p_model, price_version_id = p_price_version, provider_id = p_provider, route_id = p_route,
        provider_amount = p_provider_amount
    WHERE r.workspace_id = p_workspace AND r.request_id = p_request;
    RETURN 'rerouted';
END $$;
REVOKE ALL ON FUNCTION gateway_reroute FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_reroute TO omna_runtime;
