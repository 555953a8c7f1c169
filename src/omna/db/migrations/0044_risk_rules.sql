-- Rules that watch for misuse, what they found, and the queue in which people decide about it.

-- A rule is data. Each change is a new version; the highest one counts, and a hit names the one that found it.
CREATE TABLE risk_rules (
    rule_id           uuid NOT NULL,
    version           integer NOT NULL CHECK (version > 0),
    kind              text NOT NULL CHECK (kind IN (
                          'spend_velocity', 'model_mix', 'sign_up_velocity', 'shared_payment_fingerprint',
                          'failed_recharges', 'fraud_warning', 'chargeback_history', 'forbidden_use')),
    name              text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    enabled           boolean NOT NULL,
    -- By kind; amounts are decimal strings of Credits.
    parameters        jsonb NOT NULL,
    outcome           text NOT NULL CHECK (outcome IN ('flag', 'review', 'limit', 'freeze')),
    -- Of `limit`: nanocredits a UTC day.
    limit_to          bigint CHECK (limit_to >= 0),
    severity          text NOT NULL CHECK (severity IN ('low', 'medium', 'high')),
    -- Only workspaces younger than this many days; NULL: all.
    new_accounts_days integer CHECK (new_accounts_days > 0),
    -- After a hit the same workspace is left alone for so long.
    cooldown_hours    integer NOT NULL CHECK (cooldown_hours >= 0),
    changed_by        text NOT NULL,
    reason            text NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (rule_id, version),
    CHECK ((outcome = 'limit') = (limit_to IS NOT NULL))
);

-- What rules about people and payments are judged by. Written in the transaction of what happened, so that neither is
-- there without the other, and read by a job, so that nobody waits for a rule.
CREATE TABLE risk_events (
    event_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The order in which they are judged, given when a job sees them first: what commits late comes last, and
    -- "everything up to a position" is the same now and in a later dry run.
    position     bigint UNIQUE,
    kind         text NOT NULL CHECK (kind IN (
                     'sign_up', 'payment_means', 'recharge_ended', 'fraud_warning', 'dispute_opened')),
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    workspace_id uuid NOT NULL,
    user_id      uuid,
    -- What several accounts may have in common (a network, `card:…`, `proof:…`), or how a recharge ended.
    marker       text NOT NULL DEFAULT '',
    -- The recharge or the dispute.
    subject_id   uuid
);
CREATE INDEX risk_events_new ON risk_events (at, event_id) WHERE position IS NULL;
CREATE INDEX risk_events_by_kind ON risk_events (kind, position);
CREATE INDEX risk_events_by_workspace ON risk_events (workspace_id, kind, position);
CREATE INDEX risk_events_by_marker ON risk_events (kind, marker, position) WHERE marker <> '';
CREATE INDEX risk_events_by_time ON risk_events (at);

-- How far rules have judged.
CREATE TABLE risk_state (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    events_until bigint NOT NULL DEFAULT 0,
    -- Closed hours of usage before it are judged.
    hours_until  timestamptz NOT NULL DEFAULT date_trunc('hour', now(), 'UTC')
);

-- Cases: one open per workspace, to which everything attaches until somebody decides.
CREATE TABLE risk_cases (
    case_id      uuid PRIMARY KEY,
    workspace_id uuid NOT NULL,
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'cleared', 'limited', 'frozen', 'banned')),
    severity     text NOT NULL CHECK (severity IN ('low', 'medium', 'high')),
    opened_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at       timestamptz NOT NULL,
    assigned_to  uuid,
    decided_by   uuid,
    decided_at   timestamptz,
    reason       text NOT NULL DEFAULT '',
    CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX risk_cases_open ON risk_cases (workspace_id) WHERE state = 'open';
CREATE INDEX risk_cases_due ON risk_cases (due_at, case_id) WHERE state = 'open';
CREATE INDEX risk_cases_by_workspace ON risk_cases (workspace_id, opened_at);
CREATE INDEX risk_cases_by_time ON risk_cases (opened_at, case_id);

CREATE TABLE risk_notes (
    note_id   uuid PRIMARY KEY,
    case_id   uuid NOT NULL REFERENCES risk_cases,
    author_id uuid NOT NULL,
    text      text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000),
    at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX risk_notes_of ON risk_notes (case_id, note_id);

-- A rule found something about a workspace. window_key: what it was about (`hour:…`, `event:…`); once each.
CREATE TABLE risk_hits (
    hit_id       uuid PRIMARY KEY,
    rule_id      uuid NOT NULL,
    version      integer NOT NULL,
    workspace_id uuid NOT NULL,
    window_key   text NOT NULL,
    at           timestamptz NOT NULL,
    -- The numbers it was decided by.
    numbers      jsonb NOT NULL,
    found_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    case_id      uuid REFERENCES risk_cases,
    -- What was done: NULL until a job did it. `flag` where the outcome did not apply, for the reason in `spared`.
    acted        text CHECK (acted IN ('flag', 'review', 'limit', 'freeze')),
    acted_at     timestamptz,
    spared       text NOT NULL DEFAULT '' CHECK (spared IN ('', 'staff', 'trusted', 'already', 'deleted')),
    -- Of a limit or a freeze: what was before, and what the rule left, to be put back only if it still stands.
    before       jsonb,
    after        jsonb,
    reversed_at  timestamptz,
    reversed_by  uuid,
    FOREIGN KEY (rule_id, version) REFERENCES risk_rules,
    UNIQUE (rule_id, version, workspace_id, window_key),
    CHECK ((acted IS NULL) = (acted_at IS NULL))
);
CREATE INDEX risk_hits_to_act ON risk_hits (found_at, hit_id) WHERE acted IS NULL;
CREATE INDEX risk_hits_by_workspace ON risk_hits (workspace_id, at);
CREATE INDEX risk_hits_of_rule ON risk_hits (rule_id, workspace_id, at);
CREATE INDEX risk_hits_of_case ON risk_hits (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX risk_hits_by_time ON risk_hits (found_at);

-- Workspaces that an owner vouches for: rules flag them and do nothing to them.
CREATE TABLE risk_trusted (
    workspace_id uuid PRIMARY KEY,
    reason       text NOT NULL,
    trusted_by   uuid NOT NULL,
    trusted_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT, INSERT ON risk_rules, risk_notes TO omna_runtime;
GRANT SELECT, INSERT, UPDATE ON risk_cases TO omna_runtime;
GRANT SELECT, UPDATE ON risk_state TO omna_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON risk_events, risk_hits, risk_trusted TO omna_runtime;


-- Payments come in through webhooks, pollers, return pages, staff and commands. A trigger hears of all of them, and of
-- whatever is added later; it costs one insert into a table that nobody waits for.

CREATE FUNCTION risk_note_recharge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.state IN ('failed', 'rejected', 'cancelled') THEN
        INSERT INTO risk_events (kind, workspace_id, user_id, marker, subject_id)
        VALUES ('recharge_ended', new.workspace_id, new.created_by, new.state, new.recharge_id);
    ELSIF new.state = 'submitted' AND new.proof_id IS NOT NULL THEN
        INSERT INTO risk_events (kind, workspace_id, user_id, marker, subject_id)
        SELECT 'payment_means', new.workspace_id, new.created_by, 'proof:' || encode(u.sha256, 'hex'), new.recharge_id
        FROM uploads AS u WHERE u.workspace_id = new.workspace_id AND u.upload_id = new.proof_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER recharges_risk AFTER UPDATE OF state ON recharges
    FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION risk_note_recharge();

CREATE FUNCTION risk_note_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO risk_events (kind, workspace_id, user_id, marker, subject_id)
    VALUES ('payment_means', new.workspace_id,
            (SELECT r.created_by FROM recharges AS r
             WHERE r.workspace_id = new.workspace_id AND r.recharge_id = new.recharge_id),
            'card:' || new.fingerprint, new.recharge_id);
    RETURN NULL;
END $$;
CREATE TRIGGER payments_risk AFTER INSERT ON payments
    FOR EACH ROW WHEN (new.fingerprint <> '') EXECUTE FUNCTION risk_note_payment();

-- A warning is one; a dispute counts when its bank has gone further than to ask.
CREATE FUNCTION risk_note_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_kind text := CASE new.state WHEN 'warned' THEN 'fraud_warning' ELSE 'dispute_opened' END;
BEGIN
    IF new.state IN ('warned', 'open', 'under_review', 'lost')
       AND NOT EXISTS (SELECT FROM risk_events AS e WHERE e.workspace_id = new.workspace_id
                       AND e.kind = v_kind AND e.subject_id = new.dispute_id) THEN
        INSERT INTO risk_events (kind, workspace_id, subject_id) VALUES (v_kind, new.workspace_id, new.dispute_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER disputes_risk_made AFTER INSERT ON disputes FOR EACH ROW EXECUTE FUNCTION risk_note_dispute();
CREATE TRIGGER disputes_risk AFTER UPDATE OF state ON disputes
    FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION risk_note_dispute();

-- What happened before there were rules: it is history for dry runs, and judged by none.
INSERT INTO risk_events (kind, at, workspace_id, user_id, marker, subject_id)
SELECT kind, at, workspace_id, user_id, marker, subject_id FROM (
    SELECT 'recharge_ended' AS kind, coalesce(decided_at, created_at) AS at, workspace_id, created_by AS user_id,
           state AS marker, recharge_id AS subject_id
    FROM recharges WHERE state IN ('failed', 'rejected', 'cancelled')
    UNION ALL
    SELECT 'payment_means', p.received_at, p.workspace_id, r.created_by, 'card:' || p.fingerprint, p.recharge_id
    FROM payments AS p JOIN recharges AS r USING (workspace_id, recharge_id) WHERE p.fingerprint <> ''
    UNION ALL
    SELECT 'payment_means', r.submitted_at, r.workspace_id, r.created_by, 'proof:' || encode(u.sha256, 'hex'), r.recharge_id
    FROM recharges AS r JOIN uploads AS u ON u.workspace_id = r.workspace_id AND u.upload_id = r.proof_id
    WHERE r.submitted_at IS NOT NULL
    UNION ALL
    SELECT CASE state WHEN 'warned' THEN 'fraud_warning' ELSE 'dispute_opened' END, opened_at, workspace_id, NULL, '', dispute_id
    FROM disputes WHERE state IN ('warned', 'open', 'under_review', 'lost')
) AS past ORDER BY at, subject_id;
UPDATE risk_events AS e SET position = n.position
FROM (SELECT event_id, row_number() OVER (ORDER BY at, event_id) AS position FROM risk_events) AS n
WHERE n.event_id = e.event_id;
INSERT INTO risk_state (events_until) SELECT coalesce(max(position), 0) FROM risk_events;

-- A careful beginning: these show and ask, and none limits or freezes by itself.
INSERT INTO risk_rules
    (rule_id, version, kind, name, enabled, parameters, outcome, severity, new_accounts_days, cooldown_hours, changed_by, reason)
VALUES
    ('0193f000-0000-7000-8000-000000000001', 1, 'fraud_warning', 'Early fraud warning', true,
     '{}', 'review', 'high', NULL, 24, 'system:risk', 'Made with this installation.'),
    ('0193f000-0000-7000-8000-000000000002', 1, 'chargeback_history', 'Disputed payments', true,
     '{"count": 2, "days": 180}', 'review', 'high', NULL, 168, 'system:risk', 'Made with this installation.'),
    ('0193f000-0000-7000-8000-000000000003', 1, 'shared_payment_fingerprint', 'Accounts that share a payment', true,
     '{"accounts": 3, "days": 90}', 'review', 'medium', NULL, 168, 'system:risk', 'Made with this installation.'),
    ('0193f000-0000-7000-8000-000000000004', 1, 'failed_recharges', 'Recharges that keep failing', true,
     '{"count": 5, "days": 7, "outcomes": ["failed", "rejected"]}', 'flag', 'medium', NULL, 72, 'system:risk',
     'Made with this installation.'),
    ('0193f000-0000-7000-8000-000000000005', 1, 'sign_up_velocity', 'Many accounts from one network', true,
     '{"accounts": 5, "hours": 24}', 'flag', 'medium', NULL, 24, 'system:risk', 'Made with this installation.'),
    ('0193f000-0000-7000-8000-000000000006', 1, 'spend_velocity', 'New account spends much at once', true,
     '{"at_least": "50", "hours": 24, "times": null}', 'review', 'medium', 7, 72, 'system:risk',
     'Made with this installation.'),
    ('0193f000-0000-7000-8000-000000000007', 1, 'spend_velocity', 'Spends far more than usual', true,
     '{"at_least": "20", "hours": 6, "times": 10}', 'flag', 'low', NULL, 72, 'system:risk',
     'Made with this installation.'),
    ('0193f000-0000-7000-8000-000000000008', 1, 'model_mix', 'Suddenly other models', true,
     '{"at_least": "20", "hours": 24, "share": 80}', 'flag', 'low', NULL, 168, 'system:risk',
     'Made with this installation.'),
    ('0193f000-0000-7000-8000-000000000009', 1, 'forbidden_use', 'Forbidden use, reported by hand', true,
     '{}', 'review', 'high', NULL, 0, 'system:risk', 'Made with this installation.');
