-- Files that people hand in. Their content is here, and so in every replica and backup, and gone with its row.

CREATE TABLE uploads (
    workspace_id uuid NOT NULL,
    upload_id    uuid NOT NULL UNIQUE,
    uploaded_by  uuid NOT NULL,
    -- What people see; it is no path.
    name         text NOT NULL CHECK (name <> '' AND length(name) <= 120),
    media_type   text NOT NULL CHECK (media_type <> ''),
    size         integer NOT NULL CHECK (size BETWEEN 1 AND 10485760),
    sha256       bytea NOT NULL CHECK (octet_length(sha256) = 32),
    content      bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    -- When something began to refer to it; what nothing refers to is deleted after two days.
    used_at      timestamptz,
    PRIMARY KEY (workspace_id, upload_id),
    CHECK (octet_length(content) = size)
);
-- Pictures and PDFs are compressed already.
ALTER TABLE uploads ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX uploads_by_content ON uploads (sha256);
CREATE INDEX uploads_unused ON uploads (created_at) WHERE used_at IS NULL;
-- How much a workspace has handed in of late.
CREATE INDEX uploads_by_time ON uploads (workspace_id, created_at) INCLUDE (size);
-- What a person may take with them.
CREATE INDEX uploads_by_person ON uploads (uploaded_by);

GRANT SELECT, INSERT, UPDATE, DELETE ON uploads TO omna_runtime;
