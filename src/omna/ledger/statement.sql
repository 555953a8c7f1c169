-- From transfers to the lines of a statement; see 0017_ledger_roll_up.sql.
--
-- The transfers of a wallet are numbered without gaps and committed under its lock: whoever sees number n sees all before
-- it, for ever. So lines made up to any number are final but for the last one, which may grow while it is its hour.


-- ledger_line_kind: which kind of line a transfer is; NULL for one that changes no balance: what becomes of a refund whose
-- Credits left the balance when it was approved, or of a dispute whose Credits left when it was opened, is told by them.
CREATE OR REPLACE FUNCTION ledger_line_kind(p_kind transfer_kind) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE p_kind
        WHEN 'settle' THEN 'usage' WHEN 'overrun' THEN 'usage'
        WHEN 'recharge' THEN 'recharge' WHEN 'conversion' THEN 'conversion' WHEN 'promo_grant' THEN 'promo' WHEN 'promo_expiry' THEN 'expiry'
        WHEN 'refund_approved' THEN 'refund' WHEN 'refund_failed' THEN 'refund'
        WHEN 'usage_refund' THEN 'reversal' WHEN 'chargeback_opened' THEN 'chargeback'
        WHEN 'chargeback_won' THEN 'chargeback'
        WHEN 'debt_written_off' THEN 'adjustment' WHEN 'adjustment' THEN 'adjustment' END
$$;


-- ledger_effects: what each transfer of a wallet after p_after and up to p_until does to its balance, which is what is
-- available and held, less what is owed. Holds and releases do nothing and are left out.
CREATE OR REPLACE FUNCTION ledger_effects(p_workspace uuid, p_after bigint, p_until bigint)
RETURNS TABLE (seq bigint, part smallint, kind text, booked_at timestamptz, amount bigint, transfer_id uuid, hold_id uuid,
               reason text)
LANGUAGE sql STABLE ROWS 1000 SET search_path = omna, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    SELECT t.seq, line.part::smallint, line.kind, t.booked_at, line.amount::bigint, t.transfer_id, t.hold_id, t.reason
    FROM transfers AS t
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(e.amount) FILTER (WHERE e.account <= 'debt'), 0) AS change,
               -- Of a hold that ended: the part of its promo Credits that had expired meanwhile.
               coalesce(sum(e.amount) FILTER (WHERE e.account = 'breakage' AND t.hold_id IS NOT NULL), 0) AS lapsed
        FROM entries AS e WHERE e.workspace_id = t.workspace_id AND e.transfer_id = t.transfer_id
    ) AS legs
    CROSS JOIN LATERAL (VALUES
        (0, ledger_line_kind(t.kind), legs.change + legs.lapsed), (1, 'expiry', -legs.lapsed)
    ) AS line (part, kind, amount)
    WHERE t.workspace_id = p_workspace AND t.seq > p_after AND t.seq <= p_until
      AND t.kind NOT IN ('hold', 'extend')
      AND CASE line.part WHEN 0 THEN line.kind IS NOT NULL ELSE line.amount <> 0 END
$$;


-- ledger_fresh_lines: the lines after those that are stored, up to p_until; the newest stored one comes again, because it
-- may have grown. In order.
CREATE OR REPLACE FUNCTION ledger_fresh_lines(p_workspace uuid, p_until bigint)
RETURNS TABLE (number bigint, first_seq bigint, last_seq bigint, part smallint, kind text, hour timestamptz,
               transfers bigint, amount bigint, balance_after bigint)
LANGUAGE sql STABLE ROWS 1000 SET search_path = omna, pg_temp AS $$
    WITH newest AS MATERIALIZED (
        SELECT * FROM ledger_lines AS l WHERE l.workspace_id = p_workspace ORDER BY l.number DESC LIMIT 1
    ), effects AS (
        SELECT n.first_seq, n.last_seq, n.part, n.kind, n.hour, n.transfers, n.amount FROM newest AS n
        UNION ALL
        SELECT e.seq, e.seq, e.part, e.kind, date_trunc('hour', e.booked_at, 'UTC'), 1, e.amount
        FROM ledger_effects(
            p_workspace, coalesce((SELECT m.seq FROM ledger_line_marks AS m WHERE m.workspace_id = p_workspace), 0), p_until
        ) AS e
    ), marked AS (
        SELECT e.*, CASE WHEN e.kind = 'usage' AND lag(e.kind) OVER line = 'usage' AND lag(e.hour) OVER line = e.hour
                         THEN 0 ELSE 1 END AS begins
        FROM effects AS e WINDOW line AS (ORDER BY e.last_seq, e.part)
    ), counted AS (
        SELECT m.*, sum(m.begins) OVER (ORDER BY m.last_seq, m.part) AS run FROM marked AS m
    ), lines AS (
        SELECT c.run, min(c.first_seq) AS first_seq, max(c.last_seq) AS last_seq, max(c.part) AS part, min(c.kind) AS kind,
               min(c.hour) AS hour, sum(c.transfers)::bigint AS transfers, sum(c.amount)::bigint AS amount
        FROM counted AS c GROUP BY c.run
    )
    SELECT coalesce((SELECT n.number FROM newest AS n), 1) + l.run - 1, l.first_seq, l.last_seq, l.part::smallint, l.kind,
           l.hour, l.transfers, l.amount,
           (coalesce((SELECT n.balance_after - n.amount FROM newest AS n), 0) + sum(l.amount) OVER (ORDER BY l.run))::bigint
    FROM lines AS l ORDER BY l.run
$$;


-- ledger_store_lines: make the lines of one wallet, at most p_most transfers further; returns up to which transfer.
CREATE OR REPLACE FUNCTION ledger_store_lines(p_workspace uuid, p_most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
DECLARE
    v_after bigint;
    v_until bigint;
    v_lines ledger_lines[];
BEGIN
    INSERT INTO ledger_line_marks (workspace_id, seq) VALUES (p_workspace, 0) ON CONFLICT DO NOTHING;
    SELECT m.seq INTO v_after FROM ledger_line_marks AS m WHERE m.workspace_id = p_workspace FOR UPDATE;
    SELECT least(v_after + p_most, w.seq) INTO v_until FROM wallets AS w WHERE w.workspace_id = p_workspace;
    IF v_until > v_after THEN
        SELECT array_agg(ROW(p_workspace, f.last_seq, f.part, f.first_seq, f.number, f.kind, f.hour, f.transfers, f.amount,
                             f.balance_after)::ledger_lines ORDER BY f.number) INTO v_lines
        FROM ledger_fresh_lines(p_workspace, v_until) AS f;
        DELETE FROM ledger_lines AS l WHERE l.workspace_id = p_workspace AND l.number >= v_lines[1].number;
        INSERT INTO ledger_lines SELECT f.* FROM unnest(v_lines) AS f;
        UPDATE ledger_line_marks AS m SET seq = v_until WHERE m.workspace_id = p_workspace;
    END IF;
    RETURN v_until;
END $$;
REVOKE ALL ON FUNCTION ledger_store_lines FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_store_lines TO omna_runtime;


-- ledger_statement: lines of a wallet, newest first: the stored ones and those that came since.
-- In      before: a number of a line (NULL: from the newest on); hours and numbers of transfers within which lines lie,
--         ends of hours exclusive; kinds; how many (each NULL: any)
CREATE OR REPLACE FUNCTION ledger_statement(
    p_workspace uuid, p_before bigint, p_from timestamptz, p_until timestamptz, p_first bigint, p_last bigint,
    p_kinds text[], p_limit bigint
) RETURNS TABLE (number bigint, first_seq bigint, last_seq bigint, part smallint, kind text, hour timestamptz,
                 transfers bigint, amount bigint, balance_after bigint)
LANGUAGE sql STABLE ROWS 100 SET search_path = omna, pg_temp AS $$
    WITH fresh AS MATERIALIZED (
        SELECT f.* FROM wallets AS w CROSS JOIN LATERAL ledger_fresh_lines(p_workspace, w.seq) AS f
        WHERE w.workspace_id = p_workspace
    ), stored AS (
        SELECT l.number, l.first_seq, l.last_seq, l.part, l.kind, l.hour, l.transfers, l.amount, l.balance_after
        FROM ledger_lines AS l
        WHERE l.workspace_id = p_workspace AND l.number < least(p_before, (SELECT min(f.number) FROM fresh AS f))
          AND l.hour >= coalesce(p_from, '-infinity') AND l.hour < coalesce(p_until, 'infinity')
          AND l.first_seq >= coalesce(p_first, 0) AND (p_last IS NULL OR l.last_seq <= p_last)
          AND (p_kinds IS NULL OR l.kind = ANY (p_kinds))
        ORDER BY l.number DESC LIMIT p_limit
    )
    SELECT * FROM (
        SELECT * FROM fresh AS f
        WHERE (p_before IS NULL OR f.number < p_before)
          AND f.hour >= coalesce(p_from, '-infinity') AND f.hour < coalesce(p_until, 'infinity')
          AND f.first_seq >= coalesce(p_first, 0) AND (p_last IS NULL OR f.last_seq <= p_last)
          AND (p_kinds IS NULL OR f.kind = ANY (p_kinds))
        UNION ALL SELECT * FROM stored
    ) AS line ORDER BY line.number DESC LIMIT p_limit
$$;


-- ledger_correct: say that a transfer corrects another one of the same wallet. Nothing happens when it was said before.
CREATE OR REPLACE FUNCTION ledger_correct(p_workspace uuid, p_transfer uuid, p_corrects uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
BEGIN
    PERFORM FROM transfers AS t WHERE t.workspace_id = p_workspace AND t.transfer_id = p_corrects;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO ledger_corrections (workspace_id, transfer_id, corrects) VALUES (p_workspace, p_transfer, p_corrects)
    ON CONFLICT DO NOTHING;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION ledger_correct FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_correct TO omna_runtime;
GRANT EXECUTE ON FUNCTION ledger_effects, ledger_fresh_lines, ledger_statement, ledger_line_kind TO omna_runtime;
