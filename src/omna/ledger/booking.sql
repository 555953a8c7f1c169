-- The booking functions: the only code that writes wallets, transfers, entries, holds and promo grants.
--
-- Each takes a batch as parallel arrays and returns one row per item, in input order, with a code. A refusal is a row,
-- never an exception: one bad item must not fail its neighbours. An exception means a broken invariant, and the whole
-- batch rolls back.
--
-- All of them go the same way:
--   1. Lock the wallets in id order. Batches of several replicas overlap; without one order they deadlock.
--   2. Answer known ids before looking at a balance: a retry on an empty wallet must hear its old success.
--   3. Walk the items in arrival order with a running balance per wallet, or ten small holds each see the same last Credit.
--   4. ledger_post(): one INSERT of transfers, one of entries, one UPDATE of wallets.
--
-- VOLATILE on purpose: each statement takes a new view of the data and so sees what step 1 waited for.
-- Locks (advisory, first key 5108): 1 controls, see risk/controls.sql; 2 fence and 4 sealing, see ledger/sealing.sql;
-- 3 audit log; 5 usage/roll_up.sql; 6 money moved by hand, see risk/store.py.
-- Every plan but the look-up by key is switched off, because these functions do nothing else, while the statistics of a
-- young table say "empty" and make a scan of all of it look cheap. The plan is generic: planning anew for each batch
-- would cost more than running it.


-- ledger_post: book balanced transfers on wallets the caller has locked.
-- In      one position per transfer, new ids only; legs point at their transfer by its position (1-based), none is zero
-- Raises  when legs of a transfer do not sum to zero, or (by CHECK) when a balance would break its bound
CREATE OR REPLACE FUNCTION ledger_post(
    p_transfer uuid[], p_workspace uuid[], p_kind transfer_kind[], p_hold uuid[], p_fingerprint uuid[],
    p_actor text[], p_reason text[],
    p_leg_transfer integer[], p_leg_account ledger_account[], p_leg_amount bigint[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
DECLARE
    v_at timestamptz;
BEGIN
    IF EXISTS (
        SELECT FROM unnest(p_leg_transfer, p_leg_amount) AS leg (transfer, amount)
        GROUP BY leg.transfer HAVING sum(leg.amount) <> 0
    ) THEN
        RAISE EXCEPTION 'a transfer does not sum to zero' USING ERRCODE = 'assert_failure';
    END IF;

    -- Shared with every booking, exclusive for an instant in ledger_fence(): behind the fence there are no latecomers,
    -- even when the clock was set back.
    PERFORM pg_advisory_xact_lock_shared(5108, 2);
    SELECT greatest(clock_timestamp(), fence.until + interval '1 microsecond') INTO v_at FROM ledger_fences AS fence;

    INSERT INTO transfers (workspace_id, transfer_id, seq, kind, hold_id, fingerprint, booked_at, actor, reason)
    SELECT item.workspace_id, item.transfer_id,
           wallet.seq + row_number() OVER (PARTITION BY item.workspace_id ORDER BY item.ord),
           item.kind, item.hold_id, item.fingerprint, v_at, item.actor, item.reason
    FROM unnest(p_transfer, p_workspace, p_kind, p_hold, p_fingerprint, p_actor, p_reason) WITH ORDINALITY
         AS item (transfer_id, workspace_id, kind, hold_id, fingerprint, actor, reason, ord)
    JOIN wallets AS wallet USING (workspace_id);

    INSERT INTO entries (workspace_id, transfer_id, account, amount, balance_after, version)
    SELECT wallet.workspace_id, p_transfer[leg.transfer], leg.account, leg.amount,
           CASE leg.account
               WHEN 'available_paid' THEN wallet.available_paid WHEN 'available_promo' THEN wallet.available_promo
               WHEN 'held_paid' THEN wallet.held_paid WHEN 'held_promo' THEN wallet.held_promo
               WHEN 'debt' THEN wallet.debt WHEN 'refund_pending' THEN wallet.refund_pending
           END + sum(leg.amount) OVER so_far,
           CASE leg.account
               WHEN 'available_paid' THEN wallet.available_paid_version
               WHEN 'available_promo' THEN wallet.available_promo_version
               WHEN 'held_paid' THEN wallet.held_paid_version WHEN 'held_promo' THEN wallet.held_promo_version
               WHEN 'debt' THEN wallet.debt_version WHEN 'refund_pending' THEN wallet.refund_pending_version
           END + row_number() OVER so_far
    FROM unnest(p_leg_transfer, p_leg_account, p_leg_amount) AS leg (transfer, account, amount)
    JOIN wallets AS wallet ON wallet.workspace_id = p_workspace[leg.transfer]
    WINDOW so_far AS (PARTITION BY wallet.workspace_id, leg.account ORDER BY leg.transfer);

    UPDATE wallets AS wallet SET
        seq = wallet.seq + booked.transfers,
        available_paid = wallet.available_paid + coalesce(change.available_paid, 0),
        available_promo = wallet.available_promo + coalesce(change.available_promo, 0),
        held_paid = wallet.held_paid + coalesce(change.held_paid, 0),
        held_promo = wallet.held_promo + coalesce(change.held_promo, 0),
        debt = wallet.debt + coalesce(change.debt, 0),
        refund_pending = wallet.refund_pending + coalesce(change.refund_pending, 0),
        available_paid_version = wallet.available_paid_version + coalesce(change.available_paid_entries, 0),
        available_promo_version = wallet.available_promo_version + coalesce(change.available_promo_entries, 0),
        held_paid_version = wallet.held_paid_version + coalesce(change.held_paid_entries, 0),
        held_promo_version = wallet.held_promo_version + coalesce(change.held_promo_entries, 0),
        debt_version = wallet.debt_version + coalesce(change.debt_entries, 0),
        refund_pending_version = wallet.refund_pending_version + coalesce(change.refund_pending_entries, 0)
    FROM (
        SELECT item.workspace_id, count(*) AS transfers FROM unnest(p_workspace) AS item (workspace_id) GROUP BY 1
    ) AS booked
    LEFT JOIN (
        SELECT p_workspace[leg.transfer] AS workspace_id,
               sum(leg.amount) FILTER (WHERE leg.account = 'available_paid') AS available_paid,
               sum(leg.amount) FILTER (WHERE leg.account = 'available_promo') AS available_promo,
               sum(leg.amount) FILTER (WHERE leg.account = 'held_paid') AS held_paid,
               sum(leg.amount) FILTER (WHERE leg.account = 'held_promo') AS held_promo,
               sum(leg.amount) FILTER (WHERE leg.account = 'debt') AS debt,
               sum(leg.amount) FILTER (WHERE leg.account = 'refund_pending') AS refund_pending,
               count(*) FILTER (WHERE leg.account = 'available_paid') AS available_paid_entries,
               count(*) FILTER (WHERE leg.account = 'available_promo') AS available_promo_entries,
               count(*) FILTER (WHERE leg.account = 'held_paid') AS held_paid_entries,
               count(*) FILTER (WHERE leg.account = 'held_promo') AS held_promo_entries,
               count(*) FILTER (WHERE leg.account = 'debt') AS debt_entries,
               count(*) FILTER (WHERE leg.account = 'refund_pending') AS refund_pending_entries
        FROM unnest(p_leg_transfer, p_leg_account, p_leg_amount) AS leg (transfer, account, amount)
        GROUP BY 1
    ) AS change USING (workspace_id)
    WHERE wallet.workspace_id = booked.workspace_id;
END $$;
REVOKE ALL ON FUNCTION ledger_post FROM PUBLIC;


-- ledger_open_wallet: give a workspace its wallet; nothing happens when it has one.
CREATE OR REPLACE FUNCTION ledger_open_wallet(p_workspace uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
    INSERT INTO wallets (workspace_id) VALUES (p_workspace) ON CONFLICT DO NOTHING
$$;
REVOKE ALL ON FUNCTION ledger_open_wallet FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_open_wallet TO omna_runtime;


-- ledger_lock: lock wallets in id order until the end of the transaction and return them.
CREATE OR REPLACE FUNCTION ledger_lock(p_workspace uuid[]) RETURNS SETOF wallets
LANGUAGE sql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
    SELECT * FROM wallets WHERE workspace_id = ANY (p_workspace) ORDER BY workspace_id FOR UPDATE
$$;
REVOKE ALL ON FUNCTION ledger_lock FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_lock TO omna_runtime;


-- ledger_book_holds: book holds whose split into promo and paid was decided on wallets the caller has locked.
-- In      transfer = hold for a new hold, another id to add to an open one; promo, paid: nanocredits, >= 0
-- Raises  by CHECK when a wallet does not have it
CREATE OR REPLACE FUNCTION ledger_book_holds(
    p_transfer uuid[], p_hold uuid[], p_workspace uuid[], p_promo bigint[], p_paid bigint[],
    p_now timestamptz, p_lease interval
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
DECLARE
    v_kind transfer_kind[] := '{}';
    v_fingerprint uuid[] := '{}';
    v_any_promo boolean := false;
    leg_transfer integer[] := '{}'; leg_account ledger_account[] := '{}'; leg_amount bigint[] := '{}';
    n CONSTANT integer := cardinality(p_transfer);
BEGIN
    FOR i IN 1 .. n LOOP
        v_kind[i] := CASE WHEN p_transfer[i] = p_hold[i] THEN 'hold' ELSE 'extend' END;
        v_fingerprint[i] := ledger_fingerprint(p_hold[i], p_promo[i] + p_paid[i]);
        IF p_promo[i] > 0 THEN
            v_any_promo := true;
            leg_transfer := leg_transfer || i || i;
            leg_account := leg_account || 'available_promo'::ledger_account || 'held_promo'::ledger_account;
            leg_amount := leg_amount || -p_promo[i] || p_promo[i];
        END IF;
        IF p_paid[i] > 0 THEN
            leg_transfer := leg_transfer || i || i;
            leg_account := leg_account || 'available_paid'::ledger_account || 'held_paid'::ledger_account;
            leg_amount := leg_amount || -p_paid[i] || p_paid[i];
        END IF;
    END LOOP;

    PERFORM ledger_post(p_transfer, p_workspace, v_kind, p_hold, v_fingerprint,
                        array_fill(NULL::text, ARRAY[n]), array_fill(NULL::text, ARRAY[n]),
                        leg_transfer, leg_account, leg_amount);
    INSERT INTO holds AS hold (workspace_id, hold_id, paid, promo, lease_until, created_at)
    SELECT t.workspace_id, t.hold_id, sum(t.paid), sum(t.promo), p_now + p_lease, p_now
    FROM unnest(p_workspace, p_hold, p_paid, p_promo) AS t (workspace_id, hold_id, paid, promo)
    GROUP BY t.workspace_id, t.hold_id
    ON CONFLICT (workspace_id, hold_id) DO UPDATE
        SET paid = hold.paid + excluded.paid, promo = hold.promo + excluded.promo;
    IF v_any_promo THEN
        PERFORM ledger_hold_promos(p_workspace, p_hold, p_promo, p_now);
    END IF;
END $$;
REVOKE ALL ON FUNCTION ledger_book_holds FROM PUBLIC;


-- ledger_fingerprint: what identifies the content of a hold, an extension or a resolution.
CREATE OR REPLACE FUNCTION ledger_fingerprint(p_hold uuid, p_amount bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT md5(p_hold::text || p_amount::text)::uuid $$;


-- ledger_hold: reserve Credits, for a new hold (transfer = hold) or more for an open one (transfer <> hold).
-- In    transfer, hold, workspace, amount (nanocredits, >= 0); the lease of new holds
-- Out   held | replayed | conflict (known id, other content) | not_open (extending a resolved hold)
--       | insufficient | unknown_wallet
-- Promo Credits go first, the grant that expires earliest first. A wallet in debt holds nothing.
CREATE OR REPLACE FUNCTION ledger_hold(
    p_transfer uuid[], p_hold uuid[], p_workspace uuid[], p_amount bigint[], p_lease interval
) RETURNS TABLE (ord integer, code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
DECLARE
    v_now timestamptz;
    item record;
    -- Running balances by wallet number: spendable promo, paid.
    v_promo bigint[];
    v_paid bigint[];
    v_take_promo bigint;
    v_take_paid bigint;
    -- Accepted items.
    t_transfer uuid[] := '{}'; t_workspace uuid[] := '{}'; t_hold uuid[] := '{}';
    t_promo bigint[] := '{}'; t_paid bigint[] := '{}';
    n integer := 0;
BEGIN
    PERFORM FROM wallets AS wallet
    WHERE wallet.workspace_id = ANY (p_workspace) ORDER BY wallet.workspace_id FOR UPDATE;
    v_now := clock_timestamp();

    FOR item IN
        SELECT i.ord::integer AS ord, i.transfer_id, i.hold_id, i.workspace_id, i.amount,
               (dense_rank() OVER (ORDER BY i.workspace_id))::integer AS wallet,
               row_number() OVER (PARTITION BY i.workspace_id, i.transfer_id ORDER BY i.ord) AS occurrence,
               ledger_fingerprint(i.hold_id, i.amount) AS fingerprint,
               known.fingerprint AS known_fingerprint,
               wallet.available_paid, wallet.debt, coalesce(promo.spendable, 0)::bigint AS spendable,
               i.transfer_id = i.hold_id OR open.hold_id IS NOT NULL AS may_hold
        FROM unnest(p_transfer, p_hold, p_workspace, p_amount) WITH ORDINALITY
             AS i (transfer_id, hold_id, workspace_id, amount, ord)
        LEFT JOIN wallets AS wallet ON wallet.workspace_id = i.workspace_id
        LEFT JOIN transfers AS known ON known.workspace_id = i.workspace_id AND known.transfer_id = i.transfer_id
        LEFT JOIN holds AS open ON open.workspace_id = i.workspace_id AND open.hold_id = i.hold_id
        LEFT JOIN LATERAL (
            SELECT sum(remaining) AS spendable FROM promo_grants AS promo_grant
            WHERE wallet.available_promo > 0 AND promo_grant.workspace_id = wallet.workspace_id
              AND promo_grant.remaining > 0 AND promo_grant.expires_at > v_now
        ) AS promo ON true
        ORDER BY i.ord
    LOOP
        ord := item.ord;
        IF item.known_fingerprint IS NOT NULL THEN
            code := CASE WHEN item.known_fingerprint = item.fingerprint THEN 'replayed' ELSE 'conflict' END;
        ELSIF item.occurrence > 1 THEN
            code := 'conflict';
        ELSIF item.available_paid IS NULL THEN
            code := 'unknown_wallet';
        ELSIF NOT item.may_hold THEN
            code := 'not_open';
        ELSE
            IF v_paid[item.wallet] IS NULL THEN
                v_paid[item.wallet] := item.available_paid;
                v_promo[item.wallet] := item.spendable;
            END IF;
            IF item.amount < 0 OR item.debt < 0 OR item.amount > v_paid[item.wallet] + v_promo[item.wallet] THEN
                code := 'insufficient';
            ELSE
                code := 'held';
                v_take_promo := least(item.amount, v_promo[item.wallet]);
                v_take_paid := item.amount - v_take_promo;
                v_promo[item.wallet] := v_promo[item.wallet] - v_take_promo;
                v_paid[item.wallet] := v_paid[item.wallet] - v_take_paid;
                n := n + 1;
                t_transfer[n] := item.transfer_id;
                t_workspace[n] := item.workspace_id;
                t_hold[n] := item.hold_id;
                t_promo[n] := v_take_promo;
                t_paid[n] := v_take_paid;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;

    IF n > 0 THEN
        PERFORM ledger_book_holds(t_transfer, t_hold, t_workspace, t_promo, t_paid, v_now, p_lease);
    END IF;
END $$;
REVOKE ALL ON FUNCTION ledger_hold FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_hold TO omna_runtime;


-- ledger_hold_promos: say which grants the promo part of new holds comes from.
-- Laid end to end, the demands of a wallet's holds and its grants (earliest expiry first) are intervals on one line;
-- what a hold takes of a grant is the overlap of their intervals.
CREATE OR REPLACE FUNCTION ledger_hold_promos(p_workspace uuid[], p_hold uuid[], p_promo bigint[], p_now timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
BEGIN
    WITH demand AS (
        SELECT d.workspace_id, d.hold_id,
               sum(d.promo) OVER (PARTITION BY d.workspace_id ORDER BY d.ord) - d.promo AS starts,
               sum(d.promo) OVER (PARTITION BY d.workspace_id ORDER BY d.ord) AS ends
        FROM unnest(p_workspace, p_hold, p_promo) WITH ORDINALITY AS d (workspace_id, hold_id, promo, ord)
        WHERE d.promo > 0
    ), supply AS (
        SELECT g.workspace_id, g.grant_id,
               sum(g.remaining) OVER by_expiry - g.remaining AS starts, sum(g.remaining) OVER by_expiry AS ends
        FROM promo_grants AS g
        WHERE g.workspace_id = ANY (p_workspace) AND g.remaining > 0 AND g.expires_at > p_now
        WINDOW by_expiry AS (PARTITION BY g.workspace_id ORDER BY g.expires_at, g.grant_id)
    ), taken AS (
        SELECT demand.workspace_id, demand.hold_id, supply.grant_id,
               (least(demand.ends, supply.ends) - greatest(demand.starts, supply.starts))::bigint AS amount
        FROM demand JOIN supply USING (workspace_id)
        WHERE least(demand.ends, supply.ends) > greatest(demand.starts, supply.starts)
    ), reduced AS (
        UPDATE promo_grants AS g SET remaining = g.remaining - used.amount
        FROM (SELECT workspace_id, grant_id, sum(amount) AS amount FROM taken GROUP BY 1, 2) AS used
        WHERE g.workspace_id = used.workspace_id AND g.grant_id = used.grant_id
    )
    INSERT INTO hold_promos AS part (workspace_id, hold_id, grant_id, amount)
    SELECT workspace_id, hold_id, grant_id, sum(amount) FROM taken GROUP BY 1, 2, 3
    ON CONFLICT (workspace_id, hold_id, grant_id) DO UPDATE SET amount = part.amount + excluded.amount;
END $$;
REVOKE ALL ON FUNCTION ledger_hold_promos FROM PUBLIC;


-- ledger_resolve: end holds, each at most once: charge a part (settle) or nothing (release, or expire by the reaper).
-- In    transfer (of the resolution), hold, workspace, charge (nanocredits, 0 .. hold); expired_only: the reaper's calls,
--       which end a hold only while its lease is over
-- Out   settled | released | expired, also for a replay of the same transfer; already_settled | already_released |
--       already_expired; exceeds_hold; not_expired; unknown_hold
-- The charge comes from promo first (earliest expiry first), then from paid; the rest returns to the buckets it came
-- from, and what would return to a promo grant past its expiry becomes breakage.
CREATE OR REPLACE FUNCTION ledger_resolve(
    p_transfer uuid[], p_hold uuid[], p_workspace uuid[], p_charge bigint[], p_expired_only boolean DEFAULT false
) RETURNS TABLE (ord integer, code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
DECLARE
    v_now timestamptz;
    item record;
    v_promo_charge bigint;
    v_paid_back bigint;
    v_kind transfer_kind;
    t_transfer uuid[] := '{}'; t_workspace uuid[] := '{}'; t_hold uuid[] := '{}'; t_kind transfer_kind[] := '{}';
    t_fingerprint uuid[] := '{}'; t_charge bigint[] := '{}';
    leg_transfer integer[] := '{}'; leg_account ledger_account[] := '{}'; leg_amount bigint[] := '{}';
    v_any_promo boolean := false;
    n integer := 0;
BEGIN
    PERFORM FROM wallets AS wallet
    WHERE wallet.workspace_id = ANY (p_workspace) ORDER BY wallet.workspace_id FOR UPDATE;
    v_now := clock_timestamp();

    FOR item IN
        SELECT i.ord::integer AS ord, i.transfer_id, i.hold_id, i.workspace_id, i.charge,
               ledger_fingerprint(i.hold_id, i.charge) AS fingerprint,
               open.paid, open.promo, open.lease_until,
               past.kind AS past_kind, past.transfer_id AS past_transfer, past.fingerprint AS past_fingerprint,
               coalesce(back.live, 0)::bigint AS promo_back, coalesce(back.lapsed, 0)::bigint AS promo_lapsed
        FROM unnest(p_transfer, p_hold, p_workspace, p_charge) WITH ORDINALITY
             AS i (transfer_id, hold_id, workspace_id, charge, ord)
        LEFT JOIN holds AS open ON open.workspace_id = i.workspace_id AND open.hold_id = i.hold_id
        LEFT JOIN LATERAL (
            SELECT t.kind, t.transfer_id, t.fingerprint FROM transfers AS t
            WHERE open.hold_id IS NULL AND t.workspace_id = i.workspace_id AND t.hold_id = i.hold_id
              AND t.kind IN ('settle', 'release', 'expire') LIMIT 1
        ) AS past ON true
        LEFT JOIN LATERAL (
            SELECT sum(returned) FILTER (WHERE part.expires_at > v_now) AS live,
                   sum(returned) FILTER (WHERE part.expires_at <= v_now) AS lapsed
            FROM (
                SELECT g.expires_at, p.amount - greatest(0, least(p.amount, i.charge
                       - (sum(p.amount) OVER (ORDER BY g.expires_at, g.grant_id) - p.amount))) AS returned
                FROM hold_promos AS p JOIN promo_grants AS g USING (workspace_id, grant_id)
                WHERE open.promo > 0 AND p.workspace_id = i.workspace_id AND p.hold_id = i.hold_id
            ) AS part
        ) AS back ON true
        ORDER BY i.ord
    LOOP
        ord := item.ord;
        IF item.past_kind IS NOT NULL AND item.past_transfer = item.transfer_id
           AND item.past_fingerprint = item.fingerprint THEN
            code := CASE item.past_kind WHEN 'settle' THEN 'settled' WHEN 'release' THEN 'released' ELSE 'expired' END;
        ELSIF item.past_kind IS NOT NULL THEN
            code := CASE item.past_kind
                WHEN 'settle' THEN 'already_settled' WHEN 'release' THEN 'already_released' ELSE 'already_expired' END;
        ELSIF item.paid IS NULL THEN
            code := 'unknown_hold';
        ELSIF item.hold_id = ANY (t_hold) THEN
            code := CASE t_kind[array_position(t_hold, item.hold_id)]
                WHEN 'settle' THEN 'already_settled' WHEN 'release' THEN 'already_released' ELSE 'already_expired' END;
        ELSIF p_expired_only AND item.lease_until > v_now THEN
            code := 'not_expired';
        ELSIF item.charge < 0 OR item.charge > item.paid + item.promo THEN
            code := 'exceeds_hold';
        ELSE
            v_kind := CASE WHEN item.charge > 0 THEN 'settle' WHEN p_expired_only THEN 'expire' ELSE 'release' END;
            code := CASE v_kind WHEN 'settle' THEN 'settled' WHEN 'release' THEN 'released' ELSE 'expired' END;
            v_promo_charge := least(item.charge, item.promo);
            v_paid_back := item.paid - (item.charge - v_promo_charge);
            n := n + 1;
            t_transfer[n] := item.transfer_id;
            t_workspace[n] := item.workspace_id;
            t_hold[n] := item.hold_id;
            t_kind[n] := v_kind;
            t_fingerprint[n] := item.fingerprint;
            t_charge[n] := item.charge;
            IF item.promo > 0 THEN
                v_any_promo := true;
                leg_transfer := leg_transfer || n;
                leg_account := leg_account || 'held_promo'::ledger_account;
                leg_amount := leg_amount || -item.promo;
            END IF;
            IF item.paid > 0 THEN
                leg_transfer := leg_transfer || n;
                leg_account := leg_account || 'held_paid'::ledger_account;
                leg_amount := leg_amount || -item.paid;
            END IF;
            IF item.charge > 0 THEN
                leg_transfer := leg_transfer || n;
                leg_account := leg_account || 'revenue'::ledger_account;
                leg_amount := leg_amount || item.charge;
            END IF;
            IF v_paid_back > 0 THEN
                leg_transfer := leg_transfer || n;
                leg_account := leg_account || 'available_paid'::ledger_account;
                leg_amount := leg_amount || v_paid_back;
            END IF;
            IF item.promo_back > 0 THEN
                leg_transfer := leg_transfer || n;
                leg_account := leg_account || 'available_promo'::ledger_account;
                leg_amount := leg_amount || item.promo_back;
            END IF;
            IF item.promo_lapsed > 0 THEN
                leg_transfer := leg_transfer || n;
                leg_account := leg_account || 'breakage'::ledger_account;
                leg_amount := leg_amount || item.promo_lapsed;
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;

    IF n = 0 THEN
        RETURN;
    END IF;
    PERFORM ledger_post(t_transfer, t_workspace, t_kind, t_hold, t_fingerprint,
                        array_fill(NULL::text, ARRAY[n]), array_fill(NULL::text, ARRAY[n]),
                        leg_transfer, leg_account, leg_amount);
    DELETE FROM holds AS open USING unnest(t_workspace, t_hold) AS t (workspace_id, hold_id)
    WHERE open.workspace_id = t.workspace_id AND open.hold_id = t.hold_id;

    IF v_any_promo THEN
        WITH part AS (
            DELETE FROM hold_promos AS p USING unnest(t_workspace, t_hold, t_charge) AS t (workspace_id, hold_id, charge)
            WHERE p.workspace_id = t.workspace_id AND p.hold_id = t.hold_id
            RETURNING p.workspace_id, p.hold_id, p.grant_id, p.amount, t.charge
        ), returned AS (
            SELECT part.workspace_id, part.grant_id, part.amount - greatest(0, least(part.amount, part.charge
                   - (sum(part.amount) OVER by_expiry - part.amount))) AS amount
            FROM part JOIN promo_grants AS g USING (workspace_id, grant_id)
            WINDOW by_expiry AS (PARTITION BY part.workspace_id, part.hold_id ORDER BY g.expires_at, g.grant_id)
        )
        UPDATE promo_grants AS g SET remaining = g.remaining + back.amount
        FROM (SELECT workspace_id, grant_id, sum(amount) AS amount FROM returned GROUP BY 1, 2) AS back
        WHERE g.workspace_id = back.workspace_id AND g.grant_id = back.grant_id AND g.expires_at > v_now;
    END IF;
END $$;
REVOKE ALL ON FUNCTION ledger_resolve FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_resolve TO omna_runtime;


-- ledger_transfer: book events that are not holds: recharges, grants, adjustments, refunds (also of usage), chargebacks.
-- In    one position per transfer; legs as in ledger_post (made by ledger/chart.py from a wallet locked by ledger_lock);
--       expires: of a promo grant, and of the promo part of a usage refund, which is a grant of its own; else NULL
-- Out   booked | replayed | conflict | unknown_wallet
--       | insufficient: a balance would break its bound, or a debt would grow by something else than a chargeback or an overrun
CREATE OR REPLACE FUNCTION ledger_transfer(
    p_transfer uuid[], p_workspace uuid[], p_kind transfer_kind[], p_fingerprint uuid[], p_actor text[], p_reason text[],
    p_expires timestamptz[], p_leg_transfer integer[], p_leg_account ledger_account[], p_leg_amount bigint[]
) RETURNS TABLE (ord integer, code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
DECLARE
    known uuid;
    wallet wallets;
    v_account ledger_account[];
    v_amount bigint[];
BEGIN
    PERFORM FROM wallets AS w WHERE w.workspace_id = ANY (p_workspace) ORDER BY w.workspace_id FOR UPDATE;

    FOR item IN 1 .. cardinality(p_transfer) LOOP
        ord := item;
        SELECT t.fingerprint INTO known FROM transfers AS t
        WHERE t.workspace_id = p_workspace[item] AND t.transfer_id = p_transfer[item];
        IF FOUND THEN
            code := CASE WHEN known = p_fingerprint[item] THEN 'replayed' ELSE 'conflict' END;
            RETURN NEXT;
            CONTINUE;
        END IF;
        SELECT * INTO wallet FROM wallets AS w WHERE w.workspace_id = p_workspace[item];
        IF NOT FOUND THEN
            code := 'unknown_wallet';
            RETURN NEXT;
            CONTINUE;
        END IF;
        SELECT array_agg(leg.account), array_agg(leg.amount) INTO v_account, v_amount
        FROM unnest(p_leg_transfer, p_leg_account, p_leg_amount) AS leg (transfer, account, amount)
        WHERE leg.transfer = item;
        IF EXISTS (
            SELECT FROM unnest(v_account, v_amount) AS leg (account, amount)
            WHERE CASE leg.account
                WHEN 'available_paid' THEN wallet.available_paid + leg.amount < 0
                WHEN 'available_promo' THEN wallet.available_promo + leg.amount < 0
                WHEN 'held_paid' THEN wallet.held_paid + leg.amount < 0
                WHEN 'held_promo' THEN wallet.held_promo + leg.amount < 0
                WHEN 'debt' THEN wallet.debt + leg.amount > 0
                    OR leg.amount < 0 AND p_kind[item] NOT IN ('chargeback_opened', 'overrun')
                WHEN 'refund_pending' THEN wallet.refund_pending + leg.amount < 0
                ELSE false
            END
        ) THEN
            code := 'insufficient';
            RETURN NEXT;
            CONTINUE;
        END IF;
        PERFORM ledger_post(
            p_transfer[item:item], p_workspace[item:item], p_kind[item:item], ARRAY[NULL::uuid],
            p_fingerprint[item:item], p_actor[item:item], p_reason[item:item],
            array_fill(1, ARRAY[cardinality(v_account)]), v_account, v_amount);
        IF p_kind[item] IN ('promo_grant', 'usage_refund') THEN
            INSERT INTO promo_grants (workspace_id, grant_id, expires_at, amount, remaining)
            SELECT p_workspace[item], p_transfer[item], coalesce(p_expires[item], 'infinity'), leg.amount, leg.amount
            FROM unnest(v_account, v_amount) AS leg (account, amount) WHERE leg.account = 'available_promo';
        END IF;
        code := 'booked';
        RETURN NEXT;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION ledger_transfer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_transfer TO omna_runtime;


-- ledger_expire_promos: turn what is left of expired promo grants into breakage, at most p_limit grants a call.
-- Returns how many grants were swept. What open holds took of a grant stays held; see ledger_resolve.
CREATE OR REPLACE FUNCTION ledger_expire_promos(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
DECLARE
    v_workspace uuid[];
    v_grant uuid[];
    v_amount bigint[];
    n integer;
BEGIN
    SELECT array_agg(due.workspace_id) INTO v_workspace FROM (
        SELECT g.workspace_id FROM promo_grants AS g
        WHERE g.remaining > 0 AND g.expires_at <= clock_timestamp() ORDER BY g.expires_at LIMIT p_limit
    ) AS due;
    IF v_workspace IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM FROM wallets AS w WHERE w.workspace_id = ANY (v_workspace) ORDER BY w.workspace_id FOR UPDATE;
    -- Again under the lock: a hold may have taken some of it in between.
    WITH due AS (
        SELECT g.workspace_id, g.grant_id, g.remaining FROM promo_grants AS g
        WHERE g.workspace_id = ANY (v_workspace) AND g.remaining > 0 AND g.expires_at <= clock_timestamp()
        ORDER BY g.workspace_id, g.grant_id LIMIT p_limit
    ), swept AS (
        UPDATE promo_grants AS g SET remaining = 0 FROM due
        WHERE g.workspace_id = due.workspace_id AND g.grant_id = due.grant_id
    )
    SELECT array_agg(workspace_id), array_agg(grant_id), array_agg(remaining), count(*)
    INTO v_workspace, v_grant, v_amount, n FROM due;
    IF n = 0 THEN
        RETURN 0;
    END IF;
    PERFORM ledger_post(
        (SELECT array_agg(gen_random_uuid()) FROM generate_series(1, n)),
        v_workspace, array_fill('promo_expiry'::transfer_kind, ARRAY[n]), array_fill(NULL::uuid, ARRAY[n]), v_grant,
        array_fill('system'::text, ARRAY[n]), array_fill('promo Credits expired'::text, ARRAY[n]),
        (SELECT array_agg(i) || array_agg(i) FROM generate_series(1, n) AS i),
        array_fill('available_promo'::ledger_account, ARRAY[n]) || array_fill('breakage'::ledger_account, ARRAY[n]),
        (SELECT array_agg(-a.amount ORDER BY a.ord) || array_agg(a.amount ORDER BY a.ord)
         FROM unnest(v_amount) WITH ORDINALITY AS a (amount, ord)));
    RETURN n;
END $$;
REVOKE ALL ON FUNCTION ledger_expire_promos FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_expire_promos TO omna_runtime;


-- ledger_give_up: empty the wallet of a workspace whose owner gives up what is left of its Credits.
-- Promo Credits end as if they had expired, paid ones by an adjustment. Returns booked, or not_open when something is
-- held, owed or being refunded: then nothing is booked.
CREATE OR REPLACE FUNCTION ledger_give_up(
    p_workspace uuid, p_transfer uuid, p_fingerprint uuid, p_actor text, p_reason text
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
DECLARE
    wallet wallets;
    v_grant uuid[];
    v_amount bigint[];
    n integer;
BEGIN
    SELECT * INTO wallet FROM wallets AS w WHERE w.workspace_id = p_workspace FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown_wallet';
    END IF;
    IF (wallet.held_paid, wallet.held_promo, wallet.debt, wallet.refund_pending) <> (0, 0, 0, 0) THEN
        RETURN 'not_open';
    END IF;
    WITH due AS (
        SELECT g.grant_id, g.remaining FROM promo_grants AS g WHERE g.workspace_id = p_workspace AND g.remaining > 0
    ), swept AS (
        UPDATE promo_grants AS g SET remaining = 0 FROM due
        WHERE g.workspace_id = p_workspace AND g.grant_id = due.grant_id
    )
    SELECT array_agg(grant_id), array_agg(remaining), count(*) INTO v_grant, v_amount, n FROM due;
    IF n > 0 THEN
        PERFORM ledger_post(
            (SELECT array_agg(gen_random_uuid()) FROM generate_series(1, n)),
            array_fill(p_workspace, ARRAY[n]), array_fill('promo_expiry'::transfer_kind, ARRAY[n]),
            array_fill(NULL::uuid, ARRAY[n]), v_grant, array_fill(p_actor, ARRAY[n]), array_fill(p_reason, ARRAY[n]),
            (SELECT array_agg(i) || array_agg(i) FROM generate_series(1, n) AS i),
            array_fill('available_promo'::ledger_account, ARRAY[n]) || array_fill('breakage'::ledger_account, ARRAY[n]),
            (SELECT array_agg(-a.amount ORDER BY a.ord) || array_agg(a.amount ORDER BY a.ord)
             FROM unnest(v_amount) WITH ORDINALITY AS a (amount, ord)));
    END IF;
    IF wallet.available_paid > 0 THEN
        PERFORM ledger_post(
            ARRAY[p_transfer], ARRAY[p_workspace], ARRAY['adjustment'::transfer_kind], ARRAY[NULL::uuid],
            ARRAY[p_fingerprint], ARRAY[p_actor], ARRAY[p_reason], ARRAY[1, 1],
            ARRAY['adjustments', 'available_paid']::ledger_account[],
            ARRAY[wallet.available_paid, -wallet.available_paid]);
    END IF;
    RETURN 'booked';
END $$;
REVOKE ALL ON FUNCTION ledger_give_up FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_give_up TO omna_runtime;


-- ledger_withdraw_promo: take back what is left of one promo grant, as if it expired now: what open holds took of it can
-- still be charged, and what they give back becomes breakage. Nothing is booked when nothing is left.
-- Out   booked | replayed, with the amount that was taken; conflict | unknown_wallet | unknown_grant
CREATE OR REPLACE FUNCTION ledger_withdraw_promo(
    p_workspace uuid, p_transfer uuid, p_grant uuid, p_fingerprint uuid, p_actor text, p_reason text
) RETURNS TABLE (code text, amount bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
DECLARE
    known uuid;
BEGIN
    code := 'unknown_wallet';
    amount := 0;
    PERFORM FROM wallets AS w WHERE w.workspace_id = p_workspace FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT t.fingerprint INTO known FROM transfers AS t
    WHERE t.workspace_id = p_workspace AND t.transfer_id = p_transfer;
    IF FOUND THEN
        IF known = p_fingerprint THEN
            code := 'replayed';
            SELECT e.amount INTO amount FROM entries AS e
            WHERE e.workspace_id = p_workspace AND e.transfer_id = p_transfer AND e.account = 'breakage';
        ELSE
            code := 'conflict';
        END IF;
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT g.remaining INTO amount FROM promo_grants AS g WHERE g.workspace_id = p_workspace AND g.grant_id = p_grant;
    IF NOT FOUND THEN
        code := 'unknown_grant';
        amount := 0;
        RETURN NEXT;
        RETURN;
    END IF;
    UPDATE promo_grants AS g SET remaining = 0, expires_at = least(g.expires_at, clock_timestamp())
    WHERE g.workspace_id = p_workspace AND g.grant_id = p_grant;
    IF amount > 0 THEN
        PERFORM ledger_post(
            ARRAY[p_transfer], ARRAY[p_workspace], ARRAY['promo_expiry'::transfer_kind], ARRAY[NULL::uuid],
            ARRAY[p_fingerprint], ARRAY[p_actor], ARRAY[p_reason], ARRAY[1, 1],
            ARRAY['available_promo', 'breakage']::ledger_account[], ARRAY[-amount, amount]);
    END IF;
    code := 'booked';
    RETURN NEXT;
END $$;
REVOKE ALL ON FUNCTION ledger_withdraw_promo FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_withdraw_promo TO omna_runtime;
