-- Whom alerts are told to, what was told, and when the platform protects itself.

CREATE TABLE alert_settings (
    only_row           boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- Mail addresses; NULL: every owner among staff.
    recipients         text[] CHECK (cardinality(recipients) BETWEEN 1 AND 20),
    least_severity     text NOT NULL DEFAULT 'warning' CHECK (least_severity IN ('info', 'warning', 'critical')),
    -- NULL: no webhook. Its path may be a secret of the receiver: it is shown to owners alone.
    webhook_url        text,
    -- Exactly this host and port was allowed although it is plain http, another port or not public.
    webhook_allowed    boolean NOT NULL DEFAULT false,
    -- Envelopes of the vault. The old one still signs until `webhook_old_until`.
    webhook_secret     text,
    webhook_old_secret text,
    webhook_old_until  timestamptz,
    CHECK ((webhook_url IS NULL) = (webhook_secret IS NULL)),
    CHECK (webhook_old_secret IS NULL OR webhook_secret IS NOT NULL),
    CHECK ((webhook_old_secret IS NULL) = (webhook_old_until IS NULL))
);
INSERT INTO alert_settings DEFAULT VALUES;

-- What people were told: one alert, or many in a digest.
CREATE TABLE alert_notices (
    notice_id uuid PRIMARY KEY,
    reason    text NOT NULL CHECK (reason IN ('opened', 'reminder', 'resolved', 'digest', 'test')),
    alerts    uuid[] NOT NULL,
    -- In the outbox.
    mails     uuid[] NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX alert_notices_by_time ON alert_notices (at);
CREATE INDEX alert_notices_of_alert ON alert_notices USING gin (alerts);

CREATE TABLE alert_deliveries (
    -- Also the `webhook-id`, the same at every attempt.
    delivery_id uuid PRIMARY KEY,
    notice_id   uuid NOT NULL,
    -- Sent as it stands here, at every attempt.
    body        text NOT NULL,
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed')),
    attempts    integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- While an attempt runs, the moment at which another worker may take it for dead.
    due_at      timestamptz NOT NULL DEFAULT now(),
    last_status integer,
    last_error  text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    sent_at     timestamptz,
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX alert_deliveries_due ON alert_deliveries (due_at) WHERE state = 'queued';
CREATE INDEX alert_deliveries_of_notice ON alert_deliveries (notice_id);
CREATE INDEX alert_deliveries_by_age ON alert_deliveries (created_at);

-- Thresholds that somebody changed; what is not here has its default.
CREATE TABLE protection_settings (
    name       text PRIMARY KEY CHECK (name <> ''),
    value      bigint NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, UPDATE ON alert_settings TO omna_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON alert_notices, alert_deliveries, protection_settings TO omna_runtime;
