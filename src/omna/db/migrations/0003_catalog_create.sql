-- Providers, the models on sale, the routes between them, and prices that never change.
-- Prices and costs are nanocredits per 1,000,000 tokens (per unit for request and image). NOT NULL and >= 0 everywhere:
-- an unknown price is never 0 by accident, and a negative one would mint money.

CREATE TABLE providers (
    provider_id   uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    kind          text NOT NULL CHECK (kind IN ('openai', 'anthropic', 'gemini')),
    base_url      text NOT NULL,
    -- An envelope made by omna.vault; NULL is a provider that asks for no key.
    secret        text,
    -- Exact host:port that may be private or plain http.
    allow_private boolean NOT NULL DEFAULT false,
    enabled       boolean NOT NULL DEFAULT true,
    -- Nanocredits at provider cost in a UTC day; NULL is no cap.
    daily_cap     bigint CHECK (daily_cap >= 0),
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE models (
    model_id          text PRIMARY KEY CHECK (model_id ~ '^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$'),
    name              text NOT NULL,
    description       text NOT NULL DEFAULT '',
    context_length    integer CHECK (context_length > 0),
    max_output_tokens integer CHECK (max_output_tokens > 0),
    enabled           boolean NOT NULL DEFAULT true,
    daily_cap         bigint CHECK (daily_cap >= 0),
    created_at        timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE price_versions (
    price_version_id uuid PRIMARY KEY,
    model_id         text NOT NULL REFERENCES models,
    effective_from   timestamptz NOT NULL,
    prompt           bigint NOT NULL CHECK (prompt >= 0),
    completion       bigint NOT NULL CHECK (completion >= 0),
    cached           bigint NOT NULL CHECK (cached >= 0),
    cache_write      bigint NOT NULL CHECK (cache_write >= 0),
    reasoning        bigint NOT NULL CHECK (reasoning >= 0),
    request          bigint NOT NULL CHECK (request >= 0),
    created_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX price_versions_by_model ON price_versions (model_id, effective_from DESC, price_version_id DESC);

-- What the operator pays on a route, same units. The routes of a model are tried by priority, lowest first.
CREATE TABLE routes (
    route_id       uuid PRIMARY KEY,
    model_id       text NOT NULL REFERENCES models,
    provider_id    uuid NOT NULL REFERENCES providers,
    upstream_model text NOT NULL,
    priority       integer NOT NULL DEFAULT 0,
    enabled        boolean NOT NULL DEFAULT true,
    cost_prompt      bigint NOT NULL CHECK (cost_prompt >= 0),
    cost_completion  bigint NOT NULL CHECK (cost_completion >= 0),
    cost_cached      bigint NOT NULL CHECK (cost_cached >= 0),
    cost_cache_write bigint NOT NULL CHECK (cost_cache_write >= 0),
    cost_reasoning   bigint NOT NULL CHECK (cost_reasoning >= 0),
    cost_request     bigint NOT NULL CHECK (cost_request >= 0),
    created_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE (model_id, provider_id, upstream_model)
);

-- Every gateway prices from a snapshot of these tables and names its version; admission refuses an old one.
CREATE TABLE catalog_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL
);
INSERT INTO catalog_state (version) VALUES (1);

CREATE FUNCTION catalog_bump() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalog_state SET version = version + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_bump AFTER INSERT OR UPDATE OR DELETE ON providers
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_bump();
CREATE TRIGGER catalog_bump AFTER INSERT OR UPDATE OR DELETE ON models
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_bump();
CREATE TRIGGER catalog_bump AFTER INSERT OR UPDATE OR DELETE ON price_versions
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_bump();
CREATE TRIGGER catalog_bump AFTER INSERT OR UPDATE OR DELETE ON routes
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_bump();

-- Rows that must never change: prices here, the ledger and the audit log in their own files.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed; book a correction instead', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER price_versions_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON price_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE price_versions ENABLE ALWAYS TRIGGER price_versions_immutable;

GRANT SELECT, INSERT, UPDATE ON providers, models, routes TO omna_runtime;
GRANT SELECT, INSERT ON price_versions TO omna_runtime;
GRANT SELECT, UPDATE ON catalog_state TO omna_runtime;
