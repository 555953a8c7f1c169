-- What must hold between orders, payments, refunds, disputes, codes and the ledger; the form is that of ledger/verify.sql.

--> payments_booked: every payment is one recharge or conversion of its Credits, and every one of those is a payment
SELECT coalesce(p.payment_key, t.transfer_id)::text AS subject, 'payment ' || coalesce(p.credits::text, 'missing')
       || ', ledger ' || coalesce(t.amount::text, 'missing') AS detail
FROM payments AS p FULL JOIN (
    SELECT t.workspace_id, t.transfer_id, -sum(e.amount) AS amount
    FROM transfers AS t JOIN entries AS e USING (workspace_id, transfer_id)
    WHERE t.kind IN ('recharge', 'conversion') AND e.account = 'recharge_clearing' GROUP BY 1, 2
) AS t ON t.workspace_id = p.workspace_id AND t.transfer_id = p.payment_key
WHERE p.credits IS DISTINCT FROM t.amount

--> bonuses_booked: what was given with a payment, and for a code, is a grant of its own
SELECT p.payment_key::text AS subject, 'bonus ' || p.bonus || ', granted ' || coalesce(g.amount, 0) AS detail
FROM payments AS p LEFT JOIN promo_grants AS g ON g.workspace_id = p.workspace_id AND g.grant_id = p.bonus_id
WHERE p.bonus <> coalesce(g.amount, 0)
UNION ALL
SELECT r.transfer_id::text, 'redeemed, and nothing was granted'
FROM promo_redemptions AS r LEFT JOIN promo_grants AS g ON g.workspace_id = r.workspace_id AND g.grant_id = r.transfer_id
WHERE g.grant_id IS NULL

--> codes_counted: a code was redeemed as often as it counts, and no oftener than it may
SELECT c.code_id::text AS subject, 'counts ' || c.redeemed || ', redeemed ' || coalesce(r.times, 0)
       || coalesce(', at most ' || c.most, '') AS detail
FROM promo_codes AS c LEFT JOIN (SELECT code_id, count(*) AS times FROM promo_redemptions GROUP BY 1) AS r USING (code_id)
WHERE c.redeemed <> coalesce(r.times, 0) OR c.redeemed > c.most

--> orders_credited: an order counts as credited when a payment of it arrived, and only then
SELECT coalesce(r.recharge_id, p.recharge_id)::text AS subject, 'order ' || coalesce(r.state, 'missing') || ', '
       || coalesce(p.payments, 0) || ' payments' AS detail
FROM recharges AS r
FULL JOIN (SELECT workspace_id, recharge_id, count(*) AS payments FROM payments GROUP BY 1, 2) AS p
     ON p.workspace_id = r.workspace_id AND p.recharge_id = r.recharge_id
WHERE (r.credited_at IS NOT NULL) <> (p.payments IS NOT NULL) OR r.recharge_id IS NULL

--> payments_bounded: no payment is given back or taken back for more than it brought, in Credits and in money
SELECT p.payment_key::text AS subject, 'brought ' || p.credits || ' (' || p.amount_minor || ' ' || p.currency || '), refunded '
       || coalesce(f.credits, 0) || ' (' || coalesce(f.minor, 0) || '), clawed back ' || coalesce(d.credits, 0) AS detail
FROM payments AS p
LEFT JOIN (
    SELECT workspace_id, payment_key, sum(approved_credits) AS credits,
           -- One that is not sent yet will not be paid when its payment was given back at the payment service.
           sum(amount_minor) FILTER (WHERE state <> 'approved') AS minor
    FROM refunds WHERE state IN ('approved', 'sent', 'paid') GROUP BY 1, 2
) AS f USING (workspace_id, payment_key)
LEFT JOIN (
    SELECT workspace_id, payment_key, sum(clawed) AS credits FROM disputes WHERE booked IN ('opened', 'lost') GROUP BY 1, 2
) AS d USING (workspace_id, payment_key)
WHERE coalesce(f.credits, 0) + coalesce(d.credits, 0) > p.credits OR f.minor > p.amount_minor

--> refunds_booked: what is set aside and what went out are the refunds that are approved and paid, each of a known payment
SELECT coalesce(w.workspace_id, f.workspace_id)::text AS subject,
       'set aside ' || coalesce(w.refund_pending, 0) || ', approved ' || coalesce(f.pending, 0)
       || '; went out ' || coalesce(w.refunds_out, 0) || ', paid ' || coalesce(f.paid, 0) AS detail
FROM (
    SELECT workspace_id, w.refund_pending, coalesce(e.refunds_out, 0) AS refunds_out
    FROM wallets AS w
    LEFT JOIN (SELECT workspace_id, sum(amount) AS refunds_out FROM entries WHERE account = 'refunds_out' GROUP BY 1) AS e
         USING (workspace_id)
) AS w FULL JOIN (
    SELECT workspace_id, sum(approved_credits) FILTER (WHERE state IN ('approved', 'sent')) AS pending,
           sum(approved_credits) FILTER (WHERE state = 'paid') AS paid
    FROM refunds GROUP BY 1
) AS f USING (workspace_id)
WHERE coalesce(w.refund_pending, 0) <> coalesce(f.pending, 0) OR coalesce(w.refunds_out, 0) <> coalesce(f.paid, 0)
UNION ALL
SELECT f.refund_id::text, f.state || ' without a payment'
FROM refunds AS f LEFT JOIN payments AS p USING (workspace_id, payment_key)
WHERE f.state IN ('approved', 'sent', 'paid') AND (p.payment_key IS NULL OR p.recharge_id <> f.recharge_id)

--> disputes_booked: what disputes took back is what the ledger took, and they took it while the money is away
SELECT coalesce(d.dispute_id, t.transfer_id)::text AS subject, coalesce(d.booked, 'no dispute') || ' ' || coalesce(d.clawed, 0)
       || ', ledger ' || coalesce(t.amount, 0) AS detail
FROM (SELECT * FROM disputes WHERE clawed > 0 AND booked <> 'nothing') AS d FULL JOIN (
    SELECT t.workspace_id, coalesce(more.dispute_id, t.transfer_id) AS transfer_id, sum(e.amount) AS amount
    FROM transfers AS t JOIN entries AS e USING (workspace_id, transfer_id)
    LEFT JOIN (SELECT workspace_id, dispute_id, unnest(more_claws) AS transfer_id FROM disputes) AS more
         USING (workspace_id, transfer_id)
    WHERE t.kind = 'chargeback_opened' AND e.account = 'chargeback_clearing' GROUP BY 1, 2
) AS t ON t.workspace_id = d.workspace_id AND t.transfer_id = d.dispute_id
WHERE d.clawed IS DISTINCT FROM t.amount
UNION ALL
SELECT d.dispute_id::text, d.booked || ', withdrawn ' || d.withdrawn_minor || ', returned ' || d.returned_minor
FROM disputes AS d LEFT JOIN payments AS p USING (workspace_id, payment_key)
WHERE (d.booked IN ('opened', 'lost')) <> (d.withdrawn_minor > d.returned_minor)
   OR d.booked = 'won' AND d.withdrawn_minor = 0
   OR p.payment_key IS NULL OR p.recharge_id <> d.recharge_id

--> clearing_matches: the clearing accounts are the payments less those that were lost, and the open disputes
SELECT coalesce(e.workspace_id, p.workspace_id)::text AS subject,
       'recharges ' || coalesce(e.recharges, 0) || ', payments ' || coalesce(p.recharges, 0)
       || '; in dispute ' || coalesce(e.disputed, 0) || ', open ' || coalesce(p.disputed, 0)
       || '; given up ' || coalesce(e.given_up, 0) || ', written off ' || coalesce(p.given_up, 0) AS detail
FROM (
    SELECT workspace_id, coalesce(-sum(amount) FILTER (WHERE account = 'recharge_clearing'), 0) AS recharges,
           coalesce(sum(amount) FILTER (WHERE account = 'chargeback_clearing'), 0) AS disputed,
           coalesce(-sum(amount) FILTER (WHERE account = 'bad_debt'), 0) AS given_up
    FROM entries WHERE account IN ('recharge_clearing', 'chargeback_clearing', 'bad_debt') GROUP BY 1
) AS e FULL JOIN (
    SELECT workspace_id, sum(recharges) AS recharges, sum(disputed) AS disputed, sum(given_up) AS given_up
    FROM (
        SELECT workspace_id, credits AS recharges, 0 AS disputed, 0 AS given_up FROM payments
        UNION ALL
        SELECT workspace_id, CASE booked WHEN 'lost' THEN -clawed ELSE 0 END, CASE booked WHEN 'opened' THEN clawed ELSE 0 END,
               written_off FROM disputes
    ) AS fact GROUP BY 1
) AS p USING (workspace_id)
WHERE (coalesce(e.recharges, 0), coalesce(e.disputed, 0), coalesce(e.given_up, 0))
   <> (coalesce(p.recharges, 0), coalesce(p.disputed, 0), coalesce(p.given_up, 0))
