-- Teams: what a person waits for before anything is spent, what a member may spend, and who is invited.

ALTER TABLE workspaces
    -- Of a personal workspace: what its person still waits for. Nothing can be spent until it is NULL.
    ADD COLUMN pending text CHECK (pending IN ('verification', 'approval')),
    -- Nanocredits below which its people are told; NULL is never.
    ADD COLUMN low_balance_threshold bigint CHECK (low_balance_threshold >= 0),
    -- Its rows stay, because the ledger does; nobody is a member of it any more.
    ADD COLUMN deleted_at timestamptz;

ALTER TABLE members
    -- Nanocredits a period (UTC days, weeks from Monday, calendar months) over all keys of the member; both or neither.
    ADD COLUMN spend_limit bigint CHECK (spend_limit >= 0),
    ADD COLUMN spend_period text CHECK (spend_period IN ('day', 'week', 'month')),
    ADD CONSTRAINT members_limit_has_period CHECK ((spend_limit IS NULL) = (spend_period IS NULL));

-- Only the SHA-256 of an invitation's token is stored; the token itself is in the mail.
CREATE TABLE invitations (
    workspace_id     uuid NOT NULL,
    invitation_id    uuid NOT NULL,
    email            text NOT NULL CHECK (email <> ''),
    email_normalized text NOT NULL CHECK (email_normalized = lower(email_normalized)),
    role             text NOT NULL CHECK (role IN ('owner', 'admin', 'billing', 'member')),
    spend_limit      bigint CHECK (spend_limit >= 0),
    spend_period     text CHECK (spend_period IN ('day', 'week', 'month')),
    digest           bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    invited_by       uuid NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    sent_at          timestamptz NOT NULL DEFAULT now(),
    expires_at       timestamptz NOT NULL,
    accepted_at      timestamptz,
    accepted_by      uuid,
    revoked_at       timestamptz,
    PRIMARY KEY (workspace_id, invitation_id),
    CHECK ((spend_limit IS NULL) = (spend_period IS NULL)),
    CHECK ((accepted_at IS NULL) = (accepted_by IS NULL))
);
-- Who is invited twice has one invitation.
CREATE UNIQUE INDEX invitations_open ON invitations (workspace_id, email_normalized)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
-- Sign-up by invitation asks for an address, and the erasure of a person for theirs.
CREATE INDEX invitations_by_address ON invitations (email_normalized);

GRANT SELECT, INSERT, UPDATE, DELETE ON invitations TO omna_runtime;
