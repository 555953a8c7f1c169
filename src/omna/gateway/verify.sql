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
  -- Before it single requests are not kept; spend_matches has their sums.
  AND coalesce(u.request_id, s.hold_id) >= first_id_at(
      (SELECT coalesce(state.details_from, 'epoch') FROM usage_state AS state))

--> sums_match: the sums of usage are those of the requests they stand for, by hour and by day
SELECT coalesce(r.workspace_id, s.workspace_id)::text AS subject, coalesce(r.hour, s.hour) || ': ' || coalesce(r.sums, 'no requests')
       || ', summed as ' || coalesce(s.sums, 'nothing') AS detail
FROM (
    SELECT workspace_id, date_trunc('hour', id_made_at(request_id), 'UTC') AS hour,
           ROW(count(*), sum(charge), sum(prompt_tokens), sum(completion_tokens))::text AS sums
    FROM requests, usage_state
    WHERE request_id >= first_id_at(coalesce(details_from, 'epoch')) AND request_id < first_id_at(coalesce(summed_until, 'epoch'))
    GROUP BY 1, 2
) AS r FULL JOIN (
    SELECT workspace_id, start AS hour,
           ROW(sum(requests), sum(charge), sum(prompt_tokens), sum(completion_tokens))::text AS sums
    FROM usage_sums, usage_state WHERE grain = 'h' AND start >= coalesce(details_from, 'epoch') GROUP BY 1, 2
) AS s ON s.workspace_id = r.workspace_id AND s.hour = r.hour
WHERE r.sums IS DISTINCT FROM s.sums
UNION ALL
SELECT workspace_id::text, date_trunc('day', start, 'UTC') || ': the day is not the sum of its hours'
FROM usage_sums, usage_state WHERE start < date_trunc('day', summed_until, 'UTC')
GROUP BY workspace_id, date_trunc('day', start, 'UTC')
HAVING coalesce(sum(charge) FILTER (WHERE grain = 'd'), 0) <> coalesce(sum(charge) FILTER (WHERE grain = 'h'), 0)
    OR coalesce(sum(requests) FILTER (WHERE grain = 'd'), 0) <> coalesce(sum(requests) FILTER (WHERE grain = 'h'), 0)

--> spend_matches: what limits count is what was charged and what is held
SELECT d.workspace_id::text AS subject, d.day || ': held ' || d.held || ', running ' || coalesce(r.amount, 0) AS detail
FROM workspace_spend AS d
LEFT JOIN (SELECT workspace_id, day, sum(amount) AS amount FROM running_requests GROUP BY 1, 2) AS r USING (workspace_id, day)
WHERE d.held <> coalesce(r.amount, 0)
UNION ALL
SELECT d.workspace_id::text, 'spent ' || d.spent || ', charged ' || coalesce(u.charge, 0)
FROM (SELECT workspace_id, sum(spent) AS spent FROM workspace_spend GROUP BY 1) AS d
LEFT JOIN (
    SELECT workspace_id, sum(charge) AS charge FROM (
        SELECT workspace_id, charge FROM requests
        UNION ALL
        SELECT workspace_id, charge FROM usage_sums, usage_state WHERE grain = 'h' AND start < details_from
    ) AS request GROUP BY 1
) AS u USING (workspace_id)
WHERE d.spent <> coalesce(u.charge, 0)

--> member_spend_matches: what a member's limit counts, of their keys and their chats, is what is held and was charged
SELECT d.workspace_id::text AS subject, d.kind || ' ' || d.id || ' on ' || d.day || ': held ' || d.held || ', running '
       || coalesce(r.amount, 0) AS detail
FROM (
    SELECT workspace_id, 'key' AS kind, key_id AS id, day, held FROM key_spend
    UNION ALL
    SELECT workspace_id, 'chats of', user_id, day, held FROM chat_spend
) AS d
LEFT JOIN (
    SELECT workspace_id, coalesce(key_id, user_id) AS id, day, sum(amount) AS amount FROM running_requests GROUP BY 1, 2, 3
) AS r USING (workspace_id, id, day)
WHERE d.held <> coalesce(r.amount, 0)
UNION ALL
SELECT d.workspace_id::text, d.kind || ' ' || d.id || ': spent ' || d.spent || ', charged ' || coalesce(u.charge, 0)
FROM (
    SELECT workspace_id, 'key' AS kind, key_id AS id, sum(spent) AS spent FROM key_spend GROUP BY 1, 2, 3
    UNION ALL
    SELECT workspace_id, 'chats of', user_id, sum(spent) FROM chat_spend GROUP BY 1, 2, 3
) AS d
LEFT JOIN (
    SELECT workspace_id, id, sum(charge) AS charge FROM (
        SELECT workspace_id, coalesce(key_id, user_id) AS id, charge FROM requests
        UNION ALL
        SELECT workspace_id, coalesce(key_id, user_id), charge FROM usage_sums, usage_state
        WHERE grain = 'h' AND start < details_from
    ) AS request WHERE id IS NOT NULL GROUP BY 1, 2
) AS u USING (workspace_id, id)
WHERE d.spent <> coalesce(u.charge, 0)
