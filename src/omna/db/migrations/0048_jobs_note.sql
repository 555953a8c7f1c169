-- Jobs whose turns fail: the job library keeps when a job ran, not that it failed.
CREATE TABLE job_failures (
    name      text PRIMARY KEY,
    failures  bigint NOT NULL CHECK (failures >= 0),  -- in a row; 0 once a turn succeeded again
    failed_at timestamptz NOT NULL,
    error     text NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON job_failures TO omna_runtime;
