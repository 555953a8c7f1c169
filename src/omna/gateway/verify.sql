-- What must hold between running requests, usage rows, limits and the ledger; the form is that of ledger/verify.sql.

--> running_match: every open hold belongs to one running request of the same amount
SELECT coalesce(h.hold_id, r.request_id)::text AS subject, 'hold ' || coalesce((h.paid + h.promo)::text, 'missing')
       || ', request ' || coalesce(r.amount::text, 'missing') AS detail
FROM holds AS h FULL JOIN running_requests AS r ON r.workspace_id = h.workspace_id AND r.request_id = h.hold_id
WHERE h.hold_id IS NULL OR r.request_id IS NULL OR h.paid + h.promo <> r.amount

--> usage_matches: what a usage row says was charged is what the ledger booked as revenue
SELECT coalesce(u.request_id, s.hold_id)::text AS subject, 'usage row ' || coalesce(u.charge::text, 'missing')
       || ', ledger ' || coalesce(s.charge::text, 'missing') AS detail
FROM requests AS u FULL JOIN (
    SELECT t.workspace_id, t.hold_id, coalesce(sum(e.amount), 0) AS charge
    FROM transfers AS t
    LEFT JOIN entries AS e ON e.workspace_id = t.workspace_id AND e.transfer_id = t.transfer_id AND e.account = 'revenue'
    WHERE t.kind IN ('settle', 'release', 'expire') GROUP BY 1, 2
) AS s ON s.workspace_id = u.workspace_id AND s.hold_id = u.request_id
WHERE u.charge IS DISTINCT FROM s.charge

--> spend_matches: what limits count is what was charged and what is held
SELECT d.workspace_id::text AS subject, d.day || ': held ' || d.held || ', running ' || coalesce(r.amount, 0) AS detail
FROM workspace_spend AS d
LEFT JOIN (SELECT workspace_id, day, sum(amount) AS amount FROM running_requests GROUP BY 1, 2) AS r USING (workspace_id, day)
WHERE d.held <> coalesce(r.amount, 0)
UNION ALL
SELECT d.workspace_id::text, 'spent ' || d.spent || ', charged ' || coalesce(u.charge, 0)
FROM (SELECT workspace_id, sum(spent) AS spent FROM workspace_spend GROUP BY 1) AS d
LEFT JOIN (SELECT workspace_id, sum(charge) AS charge FROM requests GROUP BY 1) AS u USING (workspace_id)
WHERE d.spent <> coalesce(u.charge, 0)
