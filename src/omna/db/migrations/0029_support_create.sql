-- What customers ask and staff answer.

CREATE TABLE tickets (
    workspace_id      uuid NOT NULL,
    ticket_id         uuid NOT NULL UNIQUE,
    opened_by         uuid NOT NULL,
    category          text NOT NULL CHECK (category IN ('billing', 'api_error', 'model_quality', 'account', 'other')),
    subject           text NOT NULL CHECK (length(subject) BETWEEN 1 AND 150),
    -- open: staff owe an answer; waiting: the customer does; solved: nobody does.
    state             text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'waiting', 'solved')),
    -- Of requests about money.
    account_email     text,
    payment_method    text,
    payment_reference text,
    amount            text,
    reason            text,
    -- What the person's browser calls itself, when they left it ticked.
    browser           text,
    assigned_to       uuid,
    created_at        timestamptz NOT NULL DEFAULT now(),
    -- The last thing that was said, or changed its state.
    updated_at        timestamptz NOT NULL DEFAULT now(),
    -- When an answer of staff is expected.
    due_at            timestamptz,
    -- The last that each side said to the other.
    customer_spoke_at timestamptz NOT NULL DEFAULT now(),
    staff_spoke_at    timestamptz,
    PRIMARY KEY (workspace_id, ticket_id),
    CHECK ((state = 'open') = (due_at IS NOT NULL))
);
CREATE INDEX tickets_by_person ON tickets (workspace_id, opened_by);
CREATE INDEX tickets_of_person ON tickets (opened_by);
CREATE INDEX tickets_due ON tickets (due_at, ticket_id) WHERE state = 'open';
CREATE INDEX tickets_by_change ON tickets (updated_at, ticket_id);

CREATE TABLE ticket_messages (
    workspace_id uuid NOT NULL,
    ticket_id    uuid NOT NULL,
    message_id   uuid NOT NULL,
    author_id    uuid NOT NULL,
    side         text NOT NULL CHECK (side IN ('customer', 'staff')),
    -- Of staff for staff: never mailed, never shown to the customer.
    internal     boolean NOT NULL DEFAULT false,
    text         text NOT NULL CHECK (length(text) BETWEEN 1 AND 10000),
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, ticket_id, message_id),
    FOREIGN KEY (workspace_id, ticket_id) REFERENCES tickets,
    CHECK (NOT internal OR side = 'staff')
);
CREATE INDEX ticket_messages_by_author ON ticket_messages (author_id);

CREATE TABLE ticket_attachments (
    workspace_id uuid NOT NULL,
    ticket_id    uuid NOT NULL,
    message_id   uuid NOT NULL,
    upload_id    uuid NOT NULL,
    PRIMARY KEY (workspace_id, ticket_id, message_id, upload_id),
    FOREIGN KEY (workspace_id, ticket_id, message_id) REFERENCES ticket_messages
);
CREATE INDEX ticket_attachments_by_upload ON ticket_attachments (upload_id);

-- What a ticket is about. The id is that of a thing of the same workspace.
CREATE TABLE ticket_subjects (
    workspace_id uuid NOT NULL,
    ticket_id    uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('order', 'refund', 'request', 'ledger', 'key')),
    subject_id   uuid NOT NULL,
    -- False of a request that left no row: one that was refused before it cost anything.
    known        boolean NOT NULL,
    PRIMARY KEY (workspace_id, ticket_id, kind, subject_id),
    FOREIGN KEY (workspace_id, ticket_id) REFERENCES tickets
);
CREATE INDEX ticket_subjects_by_id ON ticket_subjects (subject_id);

-- Until when a person, a customer or staff, has read a ticket.
CREATE TABLE ticket_reads (
    ticket_id uuid NOT NULL,
    user_id   uuid NOT NULL,
    read_at   timestamptz NOT NULL,
    PRIMARY KEY (ticket_id, user_id)
);

GRANT SELECT, INSERT, UPDATE ON tickets TO omna_runtime;
GRANT SELECT, INSERT ON ticket_messages, ticket_subjects TO omna_runtime;
GRANT SELECT, INSERT, DELETE ON ticket_attachments TO omna_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON ticket_reads TO omna_runtime;
