-- How people prove who they are: sessions, links in mails, second factors, and the limits on trying.

ALTER TABLE users
    ADD COLUMN email_verified_at  timestamptz,
    -- Of a person who signed up where the operator approves accounts: NULL until that is done.
    ADD COLUMN approved_at        timestamptz,
    ADD COLUMN disabled_at        timestamptz,
    ADD COLUMN deleted_at         timestamptz,
    -- Rises with every change of a credential: what was bound to an older one is void.
    ADD COLUMN credential_version integer NOT NULL DEFAULT 1,
    -- False of a password that is long enough only beside a second factor.
    ADD COLUMN password_alone     boolean NOT NULL DEFAULT true,
    ADD COLUMN language           text CHECK (language IN ('en', 'zh')),
    ADD COLUMN theme              text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
    ADD COLUMN zone               text,
    ADD COLUMN terms_version      text,
    -- Kinds of mail that are switched off: {"low_balance": false}.
    ADD COLUMN notifications      jsonb NOT NULL DEFAULT '{}';

-- Whoever is here already was made by the operator.
UPDATE users SET email_verified_at = created_at, approved_at = created_at;

-- Tokens are random 256-bit values; only their SHA-256 is stored.
CREATE TABLE sessions (
    session_id   uuid PRIMARY KEY,
    user_id      uuid NOT NULL,
    token_digest bytea NOT NULL UNIQUE,
    -- How the person came in: password, passkey, oauth.
    method       text NOT NULL,
    user_agent   text NOT NULL,
    origin       text NOT NULL,
    -- The sign-in itself: what must be fresh counts from here.
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    ends_at      timestamptz NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- Browsers in which a person has signed in before.
CREATE TABLE known_devices (
    user_id      uuid NOT NULL,
    device_id    uuid NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, device_id)
);

-- The second step of a sign-in whose first one is done.
CREATE TABLE sign_in_challenges (
    challenge_id       uuid PRIMARY KEY,
    user_id            uuid NOT NULL,
    token_digest       bytea NOT NULL UNIQUE,
    method             text NOT NULL,
    credential_version integer NOT NULL,
    tries              integer NOT NULL DEFAULT 0,
    created_at         timestamptz NOT NULL DEFAULT now(),
    ends_at            timestamptz NOT NULL
);
CREATE INDEX sign_in_challenges_by_user ON sign_in_challenges (user_id);

-- Links in mails, used once: verify an address, choose a new password.
CREATE TABLE mail_links (
    token_digest       bytea PRIMARY KEY,
    user_id            uuid NOT NULL,
    purpose            text NOT NULL CHECK (purpose IN ('verify', 'change', 'reset')),
    -- The address the mail went to: what a click proves.
    email              text NOT NULL,
    email_normalized   text NOT NULL,
    credential_version integer NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    ends_at            timestamptz NOT NULL,
    used_at            timestamptz
);
CREATE INDEX mail_links_by_user ON mail_links (user_id, purpose, created_at);

-- Codes of an authenticator. `secret` counts, `pending` waits for its first right code; both are sealed.
CREATE TABLE totp_factors (
    user_id      uuid PRIMARY KEY,
    secret       text,
    -- The time step of the last code that was accepted: a code works once.
    last_step    bigint NOT NULL DEFAULT 0,
    confirmed_at timestamptz,
    pending      text,
    pending_ends_at timestamptz,
    CHECK ((secret IS NULL) = (confirmed_at IS NULL)),
    CHECK ((pending IS NULL) = (pending_ends_at IS NULL))
);

CREATE TABLE recovery_codes (
    user_id     uuid NOT NULL,
    code_digest bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, code_digest)
);

-- A fresh proof of identity for one act, deleted by its use.
CREATE TABLE step_up_grants (
    session_id uuid NOT NULL,
    action     text NOT NULL,
    target     text NOT NULL,
    ends_at    timestamptz NOT NULL,
    PRIMARY KEY (session_id, action, target)
);

-- Tries, counted per account, device, network and address. All processes share them.
CREATE TABLE throttles (
    subject    text PRIMARY KEY,
    tries      integer NOT NULL,
    -- When counting began; windows count from here.
    began_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    blocked_until timestamptz
);
CREATE INDEX throttles_by_last ON throttles (last_at);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON sessions, known_devices, sign_in_challenges, mail_links, totp_factors, recovery_codes, step_up_grants, throttles
    TO omna_runtime;
