-- What operators must know, each thing once: while an alert of a kind and subject is open, more of the same only counts.

CREATE TABLE alerts (
    alert_id         uuid PRIMARY KEY,
    -- `noun.what`, for example provider.cap
    kind             text NOT NULL CHECK (kind ~ '^[a-z0-9_]+(\.[a-z0-9_]+)+$' AND length(kind) <= 60),
    -- What it is about: a public id, a name, or a word.
    subject          text NOT NULL CHECK (subject <> '' AND length(subject) <= 200),
    -- Never falls while it is open.
    severity         text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    -- One sentence in English; where `facts` suffice, people read it in their language.
    message          text NOT NULL CHECK (message <> '' AND length(message) <= 500),
    facts            jsonb NOT NULL,
    state            text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'acknowledged', 'resolved')),
    opened_at        timestamptz NOT NULL DEFAULT now(),
    last_at          timestamptz NOT NULL DEFAULT now(),
    count            bigint NOT NULL DEFAULT 1 CHECK (count > 0),
    acknowledged_at  timestamptz,
    acknowledged_by  text,
    resolved_at      timestamptz,
    -- How often people were told, when last, and when they are told next; NULL: not again.
    notices          integer NOT NULL DEFAULT 0 CHECK (notices >= 0),
    last_notice_at   timestamptz,
    next_notice_at   timestamptz DEFAULT now(),
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
    CHECK (state <> 'acknowledged' OR acknowledged_at IS NOT NULL)
);
CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject) WHERE state <> 'resolved';
CREATE INDEX alerts_due ON alerts (next_notice_at) WHERE next_notice_at IS NOT NULL;
-- One that comes back soon after it ended is the same one.
CREATE INDEX alerts_resolved ON alerts (kind, subject, resolved_at) WHERE state = 'resolved';
CREATE INDEX alerts_ended ON alerts (resolved_at) WHERE state = 'resolved';

GRANT SELECT, INSERT, UPDATE, DELETE ON alerts TO omna_runtime;
