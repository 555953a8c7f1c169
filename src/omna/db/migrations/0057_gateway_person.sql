-- The person of a chat request: who asked, beside the key that did not.
--
-- user_id is NULL for requests of keys, whose person is whoever made the key.

ALTER TABLE running_requests ADD COLUMN user_id uuid;
ALTER TABLE requests ADD COLUMN user_id uuid;
ALTER TABLE usage_sums ADD COLUMN user_id uuid;
-- What a filter by member asks of sums, beside the keys they made.
CREATE INDEX usage_sums_by_person ON usage_sums (workspace_id, grain, user_id, start) WHERE user_id IS NOT NULL;

-- What a person spent in chat on a UTC day; counted as key_spend is. A member's spend limit is over both.
CREATE TABLE chat_spend (
    workspace_id uuid NOT NULL,
    user_id      uuid NOT NULL,
    day          date NOT NULL,
    spent        bigint NOT NULL DEFAULT 0,
    held         bigint NOT NULL DEFAULT 0,
    requests     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, user_id, day),
    CONSTRAINT chat_spend_bounded CHECK (least(spent, held) >= 0)
) WITH (fillfactor = 50);

GRANT SELECT ON chat_spend TO omna_runtime;
