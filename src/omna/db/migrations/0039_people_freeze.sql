-- People can be frozen as workspaces can, and a freeze may have an end.
--
-- frozen_reason is what the customer reads; frozen_note is why, for staff. An ended freeze stays until the job
-- freezes-end takes it away, so that everybody who asks gets the same answer: none of them reads frozen_until.

ALTER TABLE users
    ADD COLUMN frozen_at     timestamptz,
    ADD COLUMN frozen_reason text,
    ADD COLUMN frozen_note   text NOT NULL DEFAULT '',
    ADD COLUMN frozen_until  timestamptz,
    ADD CONSTRAINT users_frozen_check CHECK ((frozen_at IS NULL) = (frozen_reason IS NULL)),
    ADD CONSTRAINT users_frozen_until_check CHECK (frozen_until IS NULL OR frozen_at IS NOT NULL);

ALTER TABLE workspaces
    ADD COLUMN frozen_note   text NOT NULL DEFAULT '',
    ADD COLUMN frozen_until  timestamptz,
    -- A personal workspace that is frozen because its person is, and not for itself.
    ADD COLUMN frozen_with_person boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT workspaces_frozen_until_check CHECK (frozen_until IS NULL OR frozen_at IS NOT NULL),
    ADD CONSTRAINT workspaces_frozen_with_person_check
        CHECK (NOT frozen_with_person OR frozen_at IS NOT NULL AND kind = 'personal');

CREATE INDEX users_by_end_of_freeze ON users (frozen_until) WHERE frozen_until IS NOT NULL;
CREATE INDEX workspaces_by_end_of_freeze ON workspaces (frozen_until) WHERE frozen_until IS NOT NULL;
