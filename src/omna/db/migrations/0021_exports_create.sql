-- Who may download what is known about them, and until when. The archive itself is made while it is downloaded.

CREATE TABLE data_exports (
    export_id  uuid PRIMARY KEY,
    user_id    uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX data_exports_by_user ON data_exports (user_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON data_exports TO omna_runtime;
