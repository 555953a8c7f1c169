-- Search in chats.
--
-- What stands in a message is found by its words. Each word carries a mark of its workspace, so that looking for one
-- costs what that workspace wrote, never what all of them did. Scripts without spaces between words are left out: what
-- is asked for in them is looked for in the text itself, in the rows of one person.

-- The words of a text, lower case and without punctuation. Words longer than people look for, and what stands behind
-- the first 100,000 characters, are not found: a vector of words has an end.
CREATE FUNCTION chat_words(workspace_id uuid, content text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURNS NULL ON NULL INPUT
AS $$
    SELECT array_to_tsvector(coalesce(array_agg(right(workspace_id::text, 8) || word), '{}'))
    FROM unnest(tsvector_to_array(to_tsvector('pg_catalog.simple'::regconfig, regexp_replace(
        translate(left(content, 100000), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                '),
        -- Thai to Burmese, Khmer, and from the radicals on what is written east of them; wide forms; rare characters.
        '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+',
        ' ', 'g'
    )))) AS word
    WHERE octet_length(word) <= 200
$$;

CREATE INDEX chat_messages_by_word ON chat_messages USING gin (chat_words(workspace_id, content));
-- Which chats are being answered in.
CREATE INDEX chat_messages_running_in ON chat_messages (workspace_id, chat_id) WHERE state = 'running';

GRANT EXECUTE ON FUNCTION chat_words(uuid, text) TO omna_runtime;

-- Who left a workspace while they had chats in it: theirs to export for a while, then they go.
CREATE TABLE chat_departures (
    workspace_id uuid NOT NULL,
    user_id      uuid NOT NULL,
    left_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX chat_departures_by_time ON chat_departures (left_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON chat_departures TO omna_runtime;
