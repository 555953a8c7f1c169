-- The chat workspace: conversations, what belongs to them, and what people keep to reuse.
--
-- A chat belongs to one person in one workspace. Nobody else reads it until that person shares it; owners of the
-- workspace see what it cost, never its text. Temporary chats have no row anywhere here.

CREATE TABLE chat_folders (
    workspace_id  uuid NOT NULL,
    folder_id     uuid NOT NULL,
    user_id       uuid NOT NULL,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    -- What new chats of the folder begin with.
    system_prompt text NOT NULL DEFAULT '' CHECK (length(system_prompt) <= 20000),
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, folder_id)
);
CREATE INDEX chat_folders_by_person ON chat_folders (user_id, workspace_id);

CREATE TABLE chats (
    workspace_id  uuid NOT NULL,
    chat_id       uuid NOT NULL,
    user_id       uuid NOT NULL,
    title         text NOT NULL DEFAULT '' CHECK (length(title) <= 200),
    -- False while the title is the first words of the first message.
    title_chosen  boolean NOT NULL DEFAULT false,
    -- What the next message goes to.
    model_id      text,
    system_prompt text NOT NULL DEFAULT '' CHECK (length(system_prompt) <= 20000),
    -- temperature, top_p, max_tokens, reasoning_effort: only those that somebody set.
    parameters    jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(parameters) = 'object'),
    folder_id     uuid,
    -- The last message of the branch that is shown; its parents lead to the first.
    head_id       uuid,
    -- Whom the author let read along: nobody, or every member who may chat.
    shared_at     timestamptz,
    pinned_at     timestamptz,
    archived_at   timestamptz,
    -- Not shown any more; the row goes when nobody can undo it.
    deleted_at    timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    -- The last message or answer; renaming or filing a chat does not move it.
    updated_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, chat_id),
    FOREIGN KEY (workspace_id, folder_id) REFERENCES chat_folders ON DELETE SET NULL (folder_id)
);
CREATE INDEX chats_by_person ON chats (workspace_id, user_id, updated_at DESC, chat_id) WHERE deleted_at IS NULL;
CREATE INDEX chats_of_person ON chats (user_id);
CREATE INDEX chats_shared ON chats (workspace_id, updated_at DESC) WHERE shared_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX chats_deleted ON chats (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX chats_in_folder ON chats (workspace_id, folder_id) WHERE folder_id IS NOT NULL;

-- A message a person sent, or one answer to it. Children of one parent are alternatives: edited questions, other answers.
CREATE TABLE chat_messages (
    workspace_id      uuid NOT NULL,
    chat_id           uuid NOT NULL,
    message_id        uuid NOT NULL,
    parent_id         uuid,
    role              text NOT NULL CHECK (role IN ('user', 'assistant')),
    content           text NOT NULL DEFAULT '',
    -- The person changed the text of an answer afterwards.
    edited_at         timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),

    -- Of answers, which are requests to the gateway. running: its pieces are the text so far. complete: it ended by
    -- itself. stopped: a person ended it. ended: a balance or limit reached its end. failed: the provider did. cut: the
    -- operator, or the end of the process. refused: no Credits were ever held.
    state             text CHECK (state IN ('running', 'complete', 'stopped', 'ended', 'failed', 'cut', 'refused')),
    -- Goes on where its parent, an answer too, had to end.
    continues         boolean NOT NULL DEFAULT false,
    -- What was asked for, and what answered: another one after a fallback.
    wanted_model_id   text,
    model_id          text,
    request_id        uuid,
    process_id        uuid,
    reasoning         text NOT NULL DEFAULT '',
    reasoning_ms      integer,
    finish_reason     text,
    -- {"code", "message"}: why it is not complete.
    error             jsonb,
    -- As the request was billed, in nanocredits and tokens; NULL until then.
    charge            bigint CHECK (charge >= 0),
    prompt_tokens     integer,
    completion_tokens integer,
    cached_tokens     integer,
    reasoning_tokens  integer,
    estimated         boolean,
    first_delta_ms    integer,
    duration_ms       integer,
    finished_at       timestamptz,

    PRIMARY KEY (workspace_id, chat_id, message_id),
    FOREIGN KEY (workspace_id, chat_id) REFERENCES chats ON DELETE CASCADE,
    CHECK ((role = 'assistant') = (state IS NOT NULL)),
    CHECK (state IS NULL OR (state = 'running') = (finished_at IS NULL))
);
CREATE INDEX chat_messages_running ON chat_messages (created_at) WHERE state = 'running';
CREATE INDEX chat_messages_by_request ON chat_messages (workspace_id, request_id) WHERE request_id IS NOT NULL;

-- What a running answer has said so far, in the order it was said. Gone when the answer is whole in its message.
CREATE TABLE chat_pieces (
    workspace_id uuid NOT NULL,
    message_id   uuid NOT NULL,
    number       integer NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('text', 'reasoning')),
    text         text NOT NULL,
    PRIMARY KEY (workspace_id, message_id, number)
);

-- What a file says to a model: a picture as it is, anything else as text. The file is an upload.
CREATE TABLE chat_files (
    workspace_id uuid NOT NULL,
    upload_id    uuid NOT NULL,
    user_id      uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('image', 'text', 'pdf')),
    -- Of a text or PDF.
    text         text NOT NULL DEFAULT '',
    pages        integer,
    width        integer,
    height       integer,
    tokens       integer NOT NULL CHECK (tokens >= 0),
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, upload_id)
);
CREATE TABLE chat_attachments (
    workspace_id uuid NOT NULL,
    chat_id      uuid NOT NULL,
    message_id   uuid NOT NULL,
    position     integer NOT NULL,
    upload_id    uuid NOT NULL,
    PRIMARY KEY (workspace_id, chat_id, message_id, position),
    FOREIGN KEY (workspace_id, chat_id, message_id) REFERENCES chat_messages ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, upload_id) REFERENCES chat_files
);
CREATE INDEX chat_attachments_by_file ON chat_attachments (workspace_id, upload_id);

-- A copy of a chat behind a link, as it was when the link was made.
CREATE TABLE chat_shares (
    workspace_id uuid NOT NULL,
    share_id     uuid NOT NULL UNIQUE,
    chat_id      uuid,
    user_id      uuid NOT NULL,
    audience     text NOT NULL CHECK (audience IN ('anyone', 'signed_in')),
    title        text NOT NULL,
    -- [{"role", "content", "model"}], one branch; no costs, no files, no system prompt.
    messages     jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz,
    PRIMARY KEY (workspace_id, share_id),
    FOREIGN KEY (workspace_id, chat_id) REFERENCES chats ON DELETE SET NULL (chat_id)
);
CREATE INDEX chat_shares_by_person ON chat_shares (user_id, created_at);

-- What a person keeps to use again.
CREATE TABLE chat_prompts (
    workspace_id uuid NOT NULL,
    prompt_id    uuid NOT NULL,
    user_id      uuid NOT NULL,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    -- {{name}} is a variable.
    text         text NOT NULL CHECK (length(text) BETWEEN 1 AND 20000),
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, prompt_id)
);
CREATE INDEX chat_prompts_by_person ON chat_prompts (user_id, workspace_id);

CREATE TABLE chat_presets (
    workspace_id  uuid NOT NULL,
    preset_id     uuid NOT NULL,
    user_id       uuid NOT NULL,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    model_id      text,
    system_prompt text NOT NULL DEFAULT '' CHECK (length(system_prompt) <= 20000),
    parameters    jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(parameters) = 'object'),
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, preset_id)
);
CREATE INDEX chat_presets_by_person ON chat_presets (user_id, workspace_id);

-- How a person likes to chat, in every workspace. What is not set has its default in code.
CREATE TABLE chat_settings (
    user_id  uuid PRIMARY KEY,
    settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object')
);

GRANT SELECT, INSERT, UPDATE, DELETE ON chat_folders, chats, chat_messages, chat_pieces, chat_files, chat_attachments,
    chat_shares, chat_prompts, chat_presets, chat_settings TO omna_runtime;
