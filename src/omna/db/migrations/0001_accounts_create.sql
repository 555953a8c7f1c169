-- People, the workspaces that own balances, and who may act in which.

CREATE TABLE users (
    user_id          uuid PRIMARY KEY,
    email            text NOT NULL CHECK (email <> ''),
    email_normalized text NOT NULL UNIQUE CHECK (email_normalized = lower(email_normalized)),
    name             text NOT NULL DEFAULT '',
    password_hash    text,
    staff_role       text CHECK (staff_role IN ('owner', 'finance', 'support', 'auditor')),
    created_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE workspaces (
    workspace_id  uuid PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('personal', 'team')),
    name          text NOT NULL,
    -- Of a personal workspace, the person: a user has exactly one.
    personal_user_id uuid UNIQUE,
    frozen_at     timestamptz,
    frozen_reason text,
    -- Nanocredits a UTC day; NULL is no limit.
    daily_limit   bigint CHECK (daily_limit >= 0),
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((kind = 'personal') = (personal_user_id IS NOT NULL)),
    CHECK ((frozen_at IS NULL) = (frozen_reason IS NULL))
);

CREATE TABLE members (
    workspace_id uuid NOT NULL,
    user_id      uuid NOT NULL,
    role         text NOT NULL CHECK (role IN ('owner', 'admin', 'billing', 'member')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON users, workspaces, members TO omna_runtime;
