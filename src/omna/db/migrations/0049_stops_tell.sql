-- Emergency stops tell customers something, and remember what they refused; announcements of the operator.

-- What everybody may read; the reason stays with staff.
ALTER TABLE stops ADD COLUMN message text NOT NULL DEFAULT '';

-- Every stop there was: one row from its beginning to its end. `refused` is flushed by each process every few seconds.
CREATE TABLE stop_episodes (
    scope        text NOT NULL,
    since        timestamptz NOT NULL,
    cut_streams  boolean NOT NULL,
    reason       text NOT NULL,
    message      text NOT NULL,
    actor        text NOT NULL,
    refused      bigint NOT NULL DEFAULT 0 CHECK (refused >= 0),
    ended_at     timestamptz,
    ended_by     text,
    ended_reason text,
    PRIMARY KEY (scope, since),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX stop_episodes_by_time ON stop_episodes (since DESC);
INSERT INTO stop_episodes (scope, since, cut_streams, reason, message, actor)
SELECT scope, since, cut_streams, reason, message, actor FROM stops;
GRANT SELECT ON stop_episodes TO omna_runtime;

-- Said with more words now; their new forms are in risk/controls.sql.
DROP FUNCTION IF EXISTS controls_stop(text, boolean, text, text);
DROP FUNCTION IF EXISTS controls_resume(text);

-- What the operator wants everybody to read, until it is over.
CREATE TABLE announcements (
    announcement_id uuid PRIMARY KEY,
    kind            text NOT NULL CHECK (kind IN ('info', 'warning')),
    text_en         text NOT NULL CHECK (text_en <> ''),
    text_zh         text NOT NULL CHECK (text_zh <> ''),
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz,
    active          boolean NOT NULL DEFAULT true,
    created_by      text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CHECK (ends_at > starts_at)
);
GRANT SELECT, INSERT, UPDATE ON announcements TO omna_runtime;
