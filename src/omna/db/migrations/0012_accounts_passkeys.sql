-- Passkeys, sign-in by other services, and the short-lived halves of both exchanges.

CREATE TABLE passkeys (
    passkey_id    uuid PRIMARY KEY,
    user_id       uuid NOT NULL,
    -- The domain it was made for: after a move to another one no browser offers it, so it is no way in any more.
    rp_id         text NOT NULL,
    credential_id bytea NOT NULL UNIQUE CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    -- COSE, as the authenticator sent it.
    public_key    bytea NOT NULL,
    sign_count    bigint NOT NULL CHECK (sign_count >= 0),
    transports    text[] NOT NULL,
    name          text NOT NULL CHECK (name <> ''),
    -- Whether the key is kept in more places than one: synchronised, or bound to one device.
    backed_up     boolean NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- What an authenticator is asked to sign. A row is deleted by the answer to it, so no answer counts twice.
CREATE TABLE passkey_challenges (
    challenge_digest bytea PRIMARY KEY,
    purpose          text NOT NULL CHECK (purpose IN ('add', 'sign_in', 'second_step', 'step_up')),
    -- SHA-256 of what the browser carries: its session, or a cookie of these few minutes.
    binding          bytea NOT NULL,
    -- NULL: whoever the key says it belongs to.
    user_id          uuid,
    expires_at       timestamptz NOT NULL
);
CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_at);

-- A person as another service knows them. The address there is for people to read: it may be given to somebody else.
CREATE TABLE identities (
    identity_id  uuid PRIMARY KEY,
    user_id      uuid NOT NULL,
    issuer       text NOT NULL,
    subject      text NOT NULL CHECK (subject <> ''),
    email        text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    UNIQUE (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

-- A journey to another service and back: state, nonce and verifier of one browser, used once.
CREATE TABLE oauth_journeys (
    state_digest  bytea PRIMARY KEY,
    provider      text NOT NULL,
    browser       bytea NOT NULL,
    nonce         text NOT NULL,
    verifier      text NOT NULL,
    -- The signed-in person who links a service; NULL for a sign-in.
    user_id       uuid,
    session_id    uuid,
    next_path     text NOT NULL,
    expires_at    timestamptz NOT NULL,
    CHECK ((user_id IS NULL) = (session_id IS NULL))
);
CREATE INDEX oauth_journeys_by_end ON oauth_journeys (expires_at);

-- What a service said about somebody without an account, until they agree to the terms.
CREATE TABLE oauth_arrivals (
    arrival_digest bytea PRIMARY KEY,
    provider       text NOT NULL,
    issuer         text NOT NULL,
    subject        text NOT NULL,
    email          text NOT NULL,
    email_verified boolean NOT NULL,
    name           text NOT NULL,
    next_path      text NOT NULL,
    expires_at     timestamptz NOT NULL
);
CREATE INDEX oauth_arrivals_by_end ON oauth_arrivals (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON passkeys, passkey_challenges, identities, oauth_journeys, oauth_arrivals
    TO omna_runtime;
