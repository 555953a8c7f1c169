-- What a model can do, how its routes share the load, how much a provider takes at once, and other names of models.

ALTER TABLE models
    -- `chat` also serves /v1/responses and /v1/messages.
    ADD COLUMN endpoints text[] NOT NULL DEFAULT '{chat}' CHECK (
        cardinality(endpoints) > 0 AND array_position(endpoints, NULL) IS NULL AND endpoints <@ ARRAY[
            'chat', 'completions', 'embeddings', 'images', 'speech', 'transcriptions', 'moderations']),
    ADD COLUMN input_modalities text[] NOT NULL DEFAULT '{text}' CHECK (
        cardinality(input_modalities) > 0 AND array_position(input_modalities, NULL) IS NULL
        AND input_modalities <@ ARRAY['text', 'image', 'file', 'audio', 'video']),
    ADD COLUMN output_modalities text[] NOT NULL DEFAULT '{text}' CHECK (
        cardinality(output_modalities) > 0 AND array_position(output_modalities, NULL) IS NULL
        AND output_modalities <@ ARRAY['text', 'image', 'audio', 'embeddings']),
    -- NULL is unknown: every parameter is passed on.
    ADD COLUMN supported_parameters text[] CHECK (array_position(supported_parameters, NULL) IS NULL),
    -- Removed from a request without a word, where others are an error.
    ADD COLUMN dropped_parameters text[] NOT NULL DEFAULT '{}' CHECK (array_position(dropped_parameters, NULL) IS NULL);

-- Routes of one priority share the requests in proportion to their weights.
ALTER TABLE routes ADD COLUMN weight integer NOT NULL DEFAULT 1 CHECK (weight > 0);

-- Calls that every process may have open at this provider at once; NULL is the gateway's own limit.
ALTER TABLE providers ADD COLUMN max_in_flight integer CHECK (max_in_flight > 0);

-- Other names of models. A name is a model or an alias, never both: writers hold the controls lock and look.
CREATE TABLE model_aliases (
    alias      text PRIMARY KEY CHECK (alias ~ '^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$'),
    model_id   text NOT NULL REFERENCES models,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER catalog_bump AFTER INSERT OR UPDATE OR DELETE ON model_aliases
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_bump();

GRANT SELECT, INSERT, UPDATE, DELETE ON model_aliases TO omna_runtime;
