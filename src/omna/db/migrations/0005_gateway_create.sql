-- What admission decides by, besides keys and wallets: emergency stops, rate windows, spend of the UTC day, and the
-- requests that are running right now.

-- A row is a stop in force. Scopes: all, api, chat, provider:NAME, model:ID, recharge, signup.
CREATE TABLE stops (
    scope       text PRIMARY KEY CHECK (scope ~ '^(all|api|chat|recharge|signup|provider:.+|model:.+)$'),
    cut_streams boolean NOT NULL DEFAULT false,
    reason      text NOT NULL CHECK (reason <> ''),
    actor       text NOT NULL,
    since       timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Admitted requests of a key in the last 60 s, one bucket a second. A bucket ends 60 s after its latest request, so
-- the window is never exceeded, and a slot returns at most one second late.
CREATE TABLE key_rates (
    workspace_id uuid NOT NULL,
    key_id       uuid NOT NULL,
    latest       timestamptz[] NOT NULL,
    admitted     integer[] NOT NULL,
    PRIMARY KEY (workspace_id, key_id)
) WITH (fillfactor = 50);

-- Spend of a UTC day, counted on the day a request was admitted: holds first, trued up at settlement.
-- Keys and workspaces are always counted (nanocredits charged); their wallet's lock guards the rows.
CREATE TABLE workspace_spend (
    workspace_id uuid NOT NULL,
    day          date NOT NULL,
    spent        bigint NOT NULL DEFAULT 0,
    held         bigint NOT NULL DEFAULT 0,
    requests     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, day),
    CONSTRAINT workspace_spend_bounded CHECK (least(spent, held) >= 0)
) WITH (fillfactor = 50);

CREATE TABLE key_spend (
    workspace_id uuid NOT NULL,
    key_id       uuid NOT NULL,
    day          date NOT NULL,
    spent        bigint NOT NULL DEFAULT 0,
    held         bigint NOT NULL DEFAULT 0,
    requests     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, key_id, day),
    CONSTRAINT key_spend_bounded CHECK (least(spent, held) >= 0)
) WITH (fillfactor = 50);

-- Models and providers are counted (nanocredits at provider cost) only while they have a cap, because every workspace
-- would queue on these rows. Setting a cap makes today's row from the requests of today.
CREATE TABLE model_cost (
    model_id text NOT NULL,
    day      date NOT NULL,
    spent    bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    held     bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    PRIMARY KEY (model_id, day)
) WITH (fillfactor = 50);

CREATE TABLE provider_cost (
    provider_id uuid NOT NULL,
    day         date NOT NULL,
    spent       bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    held        bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    PRIMARY KEY (provider_id, day)
) WITH (fillfactor = 50);

-- What it takes to settle a request when the process that ran it is gone. One row per open hold, removed with it.
CREATE TABLE running_requests (
    workspace_id     uuid NOT NULL,
    request_id       uuid NOT NULL,
    process_id       uuid NOT NULL,
    key_id           uuid,
    source           text NOT NULL,
    model_id         text NOT NULL,
    provider_id      uuid NOT NULL,
    route_id         uuid NOT NULL,
    price_version_id uuid NOT NULL,
    streamed         boolean NOT NULL,
    day              date NOT NULL,
    amount           bigint NOT NULL,
    provider_amount  bigint NOT NULL,
    -- The last checkpoint: tokens of the prompt, tokens delivered so far (NULL: nothing delivered yet).
    prompt_tokens     integer NOT NULL,
    completion_tokens integer,
    started_at       timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, request_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000);

GRANT SELECT ON key_rates, workspace_spend, key_spend, model_cost, provider_cost, running_requests TO omna_runtime;
GRANT SELECT ON stops TO omna_runtime;
