-- The hash chain: a proof, off the hot path, that nothing booked was changed, added or removed afterwards.
--
-- A block covers every transfer booked after the previous block's `sealed_until` up to its own. Its digest is
--   sha256(previous digest ‖ height ‖ sealed_until ‖ number of transfers ‖ digest of each transfer in order)
-- in the unambiguous encoding below (version 1: fixed-width fields, texts and lists with their length first).


-- ledger_encode: a text as its length in bytes and its UTF-8, NULL as length -1.
CREATE OR REPLACE FUNCTION ledger_encode(t text) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN t IS NULL THEN int4send(-1)
                ELSE int4send(octet_length(convert_to(t, 'UTF8'))) || convert_to(t, 'UTF8') END
$$;

-- ledger_digest: the digest of one transfer with its entries, encoding version 1.
CREATE OR REPLACE FUNCTION ledger_digest(t transfers) RETURNS bytea
LANGUAGE sql STABLE SET search_path = omna, pg_temp AS $$
    SELECT sha256(
        '\x01'::bytea || uuid_send(t.workspace_id) || uuid_send(t.transfer_id) || int8send(t.seq)
        || ledger_encode(t.kind::text) || ledger_encode(t.hold_id::text) || uuid_send(t.fingerprint)
        || timestamptz_send(t.booked_at) || ledger_encode(t.actor) || ledger_encode(t.reason)
        || int4send(count(e.account)::integer)
        || coalesce(string_agg(
            ledger_encode(e.account::text) || int8send(e.amount)
            || ledger_encode(e.balance_after::text) || ledger_encode(e.version::text),
            ''::bytea ORDER BY e.account), ''::bytea))
    FROM entries AS e WHERE e.workspace_id = t.workspace_id AND e.transfer_id = t.transfer_id
$$;

-- ledger_block_digest: what the digest of a block must be, from the rows as they are now; with their number.
CREATE OR REPLACE FUNCTION ledger_block_digest(
    p_previous bytea, p_height bigint, p_after timestamptz, p_until timestamptz, OUT transfers bigint, OUT digest bytea
)
LANGUAGE sql STABLE SET search_path = omna, pg_temp AS $$
    SELECT count(*), sha256(
        p_previous || int8send(p_height) || timestamptz_send(p_until) || int8send(count(*))
        || coalesce(string_agg(ledger_digest(t), ''::bytea ORDER BY t.booked_at, t.workspace_id, t.seq), ''::bytea))
    FROM transfers AS t WHERE t.booked_at > p_after AND t.booked_at <= p_until
$$;


-- ledger_fence: put the fence at this moment. Waits for the bookings in flight, and holds up new ones until its
-- transaction ends: so it is a transaction of its own, a moment long, before ledger_seal() in the next one.
CREATE OR REPLACE FUNCTION ledger_fence() RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
DECLARE
    v_until timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(5108, 2);
    UPDATE ledger_fences SET until = greatest(until, clock_timestamp()) RETURNING until INTO v_until;
    RETURN v_until;
END $$;
REVOKE ALL ON FUNCTION ledger_fence FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_fence TO omna_runtime;


-- ledger_seal: append a block over everything booked up to the fence, at most p_span of time; returns how many transfers
-- it covers, 0 when nothing is left to seal. Bookings go on meanwhile. Safe to call from anywhere at any time.
CREATE OR REPLACE FUNCTION ledger_seal(p_span interval DEFAULT interval '1 minute') RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = omna, pg_temp AS $$
DECLARE
    head ledger_blocks;
    v_first timestamptz;
    v_until timestamptz;
    v_transfers bigint;
    v_digest bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(5108, 4);
    SELECT * INTO head FROM ledger_blocks ORDER BY height DESC LIMIT 1;
    SELECT fence.until INTO v_until FROM ledger_fences AS fence;
    SELECT min(booked_at) INTO v_first FROM transfers WHERE booked_at > head.sealed_until AND booked_at <= v_until;
    IF v_first IS NULL THEN
        RETURN 0;
    END IF;
    v_until := least(v_until, v_first + p_span);
    SELECT b.transfers, b.digest INTO v_transfers, v_digest
    FROM ledger_block_digest(head.digest, head.height + 1, head.sealed_until, v_until) AS b;
    INSERT INTO ledger_blocks (height, sealed_until, transfers, digest)
    VALUES (head.height + 1, v_until, v_transfers, v_digest);
    RETURN v_transfers;
END $$;
REVOKE ALL ON FUNCTION ledger_seal FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_seal TO omna_runtime;
GRANT EXECUTE ON FUNCTION ledger_digest, ledger_encode, ledger_block_digest TO omna_runtime;
