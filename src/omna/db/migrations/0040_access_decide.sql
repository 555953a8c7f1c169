-- Who may come in, as the operator decides it while Omna runs: the mode of sign-up and starter Credits in place of the
-- configured ones, and invitations to people who have no account yet.

CREATE TABLE access_policy (
    only_row        boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- NULL: as it is configured.
    sign_up         text CHECK (sign_up IN ('open', 'invite', 'approval')),
    starter_credits bigint CHECK (starter_credits >= 0),
    changed_at      timestamptz NOT NULL DEFAULT now()
);
INSERT INTO access_policy DEFAULT VALUES;

CREATE TABLE access_invitations (
    access_invitation_id uuid PRIMARY KEY,
    email            text NOT NULL CHECK (email <> ''),
    email_normalized text NOT NULL CHECK (email_normalized = lower(email_normalized)),
    digest           bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    -- NULL: from the command line.
    invited_by       uuid,
    created_at       timestamptz NOT NULL DEFAULT now(),
    expires_at       timestamptz NOT NULL,
    accepted_at      timestamptz,
    accepted_by      uuid,
    revoked_at       timestamptz,
    CHECK ((accepted_at IS NULL) = (accepted_by IS NULL))
);
CREATE UNIQUE INDEX access_invitations_open ON access_invitations (email_normalized)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE INDEX users_staff ON users (staff_role) WHERE staff_role IS NOT NULL;

GRANT SELECT, UPDATE ON access_policy TO omna_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON access_invitations TO omna_runtime;
