-- Somebody of the staff looks at the app as a customer sees it: read-only, for an hour at most, in one session.
CREATE TABLE viewings (
    viewing_id uuid PRIMARY KEY,
    session_id uuid NOT NULL,
    staff_id   uuid NOT NULL,
    user_id    uuid NOT NULL,
    reason     text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends_at    timestamptz NOT NULL,
    -- By hand, with the console or the session, or by the job that finds it over.
    ended_at   timestamptz
);
-- One at a time in a session.
CREATE UNIQUE INDEX viewings_running ON viewings (session_id) WHERE ended_at IS NULL;
CREATE INDEX viewings_to_end ON viewings (ends_at) WHERE ended_at IS NULL;

-- Which workspaces were opened in it.
CREATE TABLE viewed_workspaces (
    viewing_id   uuid NOT NULL,
    workspace_id uuid NOT NULL,
    opened_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (viewing_id, workspace_id)
);

GRANT SELECT, INSERT, UPDATE ON viewings TO omna_runtime;
GRANT SELECT, INSERT ON viewed_workspaces TO omna_runtime;
