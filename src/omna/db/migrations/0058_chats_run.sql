-- What a process needs that runs answers: pieces belong to a message of a chat, and somebody may ask for a stop in
-- another process than the one that runs the answer.

DROP TABLE chat_pieces;

-- What a running answer has said so far, in the order it was said. Gone when the answer is whole in its message, and
-- with its chat. Ids of messages come from pages and are unique in their chat alone.
CREATE TABLE chat_pieces (
    workspace_id uuid NOT NULL,
    chat_id      uuid NOT NULL,
    message_id   uuid NOT NULL,
    number       integer NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('text', 'reasoning')),
    text         text NOT NULL,
    PRIMARY KEY (workspace_id, chat_id, message_id, number),
    FOREIGN KEY (workspace_id, chat_id, message_id) REFERENCES chat_messages ON DELETE CASCADE
);
GRANT SELECT, INSERT, DELETE ON chat_pieces TO omna_runtime;

-- Whoever runs the answer ends it when it sees this.
ALTER TABLE chat_messages ADD COLUMN stop_asked_at timestamptz;
