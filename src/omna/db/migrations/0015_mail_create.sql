-- Mails that wait, were sent, or are kept for the operator where there is no mail server.

CREATE TABLE mail_outbox (
    mail_id    uuid PRIMARY KEY,
    kind       text NOT NULL CHECK (kind <> ''),
    recipient  text NOT NULL CHECK (recipient <> ''),
    -- Who it is about; NULL when the address has no account.
    user_id    uuid,
    language   text NOT NULL CHECK (language IN ('en', 'zh')),
    subject    text NOT NULL CHECK (subject <> '' AND subject !~ '[\r\n]'),
    -- Gone once the mail is delivered or its link has ended: the outbox is no store of links that sign people in.
    text       text,
    html       text,
    -- queued: waits for its next attempt; kept: there is no mail server; failed: given up.
    state      text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed', 'kept')),
    created_at timestamptz NOT NULL DEFAULT now(),
    -- When its text is taken away, and after which it is not worth sending.
    expires_at timestamptz NOT NULL,
    attempts   integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- While an attempt runs, the moment at which another worker may take it for dead.
    due_at     timestamptz NOT NULL DEFAULT now(),
    last_error text,
    sent_at    timestamptz,
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK (state <> 'queued' OR (text IS NOT NULL AND html IS NOT NULL))
);
CREATE INDEX mail_outbox_due ON mail_outbox (due_at) WHERE state = 'queued';
CREATE INDEX mail_outbox_by_recipient ON mail_outbox (recipient, created_at);
CREATE INDEX mail_outbox_with_text ON mail_outbox (expires_at) WHERE text IS NOT NULL;
CREATE INDEX mail_outbox_by_age ON mail_outbox (created_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON mail_outbox TO omna_runtime;

-- Which workspaces know that their balance is low: one mail a crossing, armed again by a clear recovery.
CREATE TABLE low_balance_notices (
    workspace_id uuid PRIMARY KEY,
    threshold    bigint NOT NULL,
    noticed_at   timestamptz NOT NULL DEFAULT now()
);

-- Which steps of which limits were announced: once a period.
CREATE TABLE limit_notices (
    workspace_id uuid NOT NULL,
    -- The workspace itself, or a key.
    subject_id   uuid NOT NULL,
    percent      integer NOT NULL CHECK (percent IN (80, 100)),
    -- The first moment of the period.
    period       timestamptz NOT NULL,
    noticed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, subject_id, percent)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON low_balance_notices, limit_notices TO omna_runtime;
