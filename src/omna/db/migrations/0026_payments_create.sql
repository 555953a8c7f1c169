-- Money that comes from outside and goes back there: recharges, payments, refunds, disputes, and the inbox of events.
-- Amounts: `…_minor` is real money in the smallest unit of its currency (cents); Credits are nanocredits.

-- How customers may pay by hand: data, edited by staff.
CREATE TABLE payment_methods (
    method_id       uuid PRIMARY KEY,
    name            text NOT NULL CHECK (name <> ''),
    name_zh         text NOT NULL DEFAULT '',
    -- Where to pay, as the customer reads it; lines `Label: value` get a copy button.
    instructions    text NOT NULL,
    instructions_zh text NOT NULL DEFAULT '',
    currency        text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
    -- How long it usually takes until the Credits are there.
    usual_hours     integer NOT NULL DEFAULT 24 CHECK (usual_hours > 0),
    position        integer NOT NULL DEFAULT 0,
    retired_at      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now()
);
INSERT INTO payment_methods (method_id, name, name_zh, instructions, instructions_zh, currency)
VALUES ('0192a000-0000-7000-8000-000000000001', 'Bank transfer', '银行转账',
        'Ask support for the account details and quote the reference below with your transfer.',
        '请向客服索取收款账户信息，并在转账时附上下方的编号。', 'usd');

-- A customer's wish to buy Credits, from the moment it exists, whatever becomes of it.
--   manual    submitted → (needs_information → submitted) → credited | rejected | duplicate | cancelled | expired
--             (awaiting_proof before it is submitted)
--   checkout  created → open → awaiting_payment → credited | failed | expired | cancelled
--   either    credited → reversed (lost to a chargeback, or refunded in full)
CREATE TABLE recharges (
    workspace_id    uuid NOT NULL,
    recharge_id     uuid NOT NULL,
    created_by      uuid,                       -- NULL: automatic top-up
    channel         text NOT NULL CHECK (channel IN ('manual', 'checkout', 'top_up')),
    state           text NOT NULL CHECK (state IN (
                        'awaiting_proof', 'submitted', 'needs_information', 'rejected', 'duplicate',
                        'created', 'open', 'awaiting_payment', 'failed',
                        'credited', 'cancelled', 'expired', 'reversed')),
    -- What the client calls this wish: the same again is the same order.
    client_token    text NOT NULL CHECK (length(client_token) BETWEEN 8 AND 64),
    reference       text NOT NULL UNIQUE,       -- short and unique, quoted with a transfer
    credits         bigint NOT NULL CHECK (credits > 0),
    bonus           bigint NOT NULL DEFAULT 0 CHECK (bonus >= 0),     -- promo Credits that come with it
    price_minor     bigint NOT NULL CHECK (price_minor > 0),
    fee_minor       bigint NOT NULL DEFAULT 0 CHECK (fee_minor >= 0),
    currency        text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
    terms_version   text NOT NULL,
    billing         jsonb NOT NULL DEFAULT '{}',                      -- name, address, tax id as they were
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    -- By hand.
    method_id       uuid,
    payer_reference text NOT NULL DEFAULT '',   -- of the customer's bank, normalised for comparison
    paid_on         date,
    note            text NOT NULL DEFAULT '',
    proof_id        uuid,
    submitted_at    timestamptz,
    question        text NOT NULL DEFAULT '',   -- what staff asked last, or why it was rejected
    duplicate_of    uuid,
    reviewer_id     uuid,                       -- holds the review lock until review_until
    review_until    timestamptz,
    first_approver  uuid,                       -- above the threshold, until a second one approves
    first_approved_at timestamptz,
    decided_by      uuid,
    decided_at      timestamptz,
    -- By checkout.
    processor       text CHECK (processor IN ('stripe', 'sandbox')),
    test_mode       boolean NOT NULL DEFAULT false,
    session_id      text,
    session_url     text,
    failure         text NOT NULL DEFAULT '',
    -- Why a person should look at it: amount_mismatch, currency_mismatch, late_payment, unmatched_account …
    flag            text NOT NULL DEFAULT '',
    credited_at     timestamptz,
    PRIMARY KEY (workspace_id, recharge_id),
    UNIQUE (workspace_id, client_token),
    CHECK ((channel = 'manual') = (processor IS NULL)),
    CHECK ((state IN ('credited', 'reversed')) = (credited_at IS NOT NULL))
);
CREATE UNIQUE INDEX recharges_by_id ON recharges (recharge_id);
CREATE UNIQUE INDEX recharges_by_session ON recharges (processor, session_id) WHERE session_id IS NOT NULL;
CREATE INDEX recharges_to_review ON recharges (submitted_at) WHERE state = 'submitted';
CREATE INDEX recharges_to_expire ON recharges (expires_at)
    WHERE state IN ('awaiting_proof', 'needs_information', 'created', 'open', 'awaiting_payment');
CREATE INDEX recharges_by_payer_reference ON recharges (payer_reference) WHERE payer_reference <> '';
CREATE INDEX recharges_by_proof ON recharges (proof_id) WHERE proof_id IS NOT NULL;

-- What happened to an order, in order: the timeline that customer and staff see.
CREATE TABLE payment_steps (
    workspace_id uuid NOT NULL,
    step_id      uuid NOT NULL,
    subject_id   uuid NOT NULL,                 -- a recharge, a refund or a dispute
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    step         text NOT NULL,
    actor        text NOT NULL,                 -- 'customer', 'staff', 'processor' or 'omna'
    note         text NOT NULL DEFAULT '',      -- what the customer may read
    PRIMARY KEY (workspace_id, step_id)
);
CREATE INDEX payment_steps_of ON payment_steps (workspace_id, subject_id, step_id);

-- Money that arrived. One real payment is one row, and one recharge transfer whose id is payment_key.
CREATE TABLE payments (
    workspace_id uuid NOT NULL,
    payment_key  uuid NOT NULL,                 -- also the id of its recharge transfer
    recharge_id  uuid NOT NULL,
    processor    text NOT NULL CHECK (processor IN ('manual', 'stripe', 'sandbox')),
    payment_id   text NOT NULL,                 -- the processor's; of a manual one, the recharge's
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency     text NOT NULL,
    credits      bigint NOT NULL CHECK (credits > 0),
    bonus        bigint NOT NULL DEFAULT 0 CHECK (bonus >= 0),        -- granted with it; the grant's id is bonus_id
    bonus_id     uuid,
    fingerprint  text NOT NULL DEFAULT '',      -- of the card or account, for risk rules
    received_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, payment_key),
    UNIQUE (processor, payment_id)
);
CREATE INDEX payments_of_recharge ON payments (workspace_id, recharge_id);

-- Credits on their way back into money.
--   requested → approved → sent → paid | failed; requested → rejected | converted | cancelled; failed after paid, too
CREATE TABLE refunds (
    workspace_id     uuid NOT NULL,
    refund_id        uuid NOT NULL,             -- also the id of its refund_approved transfer
    recharge_id      uuid NOT NULL,
    payment_key      uuid,                      -- NULL until a payment of the recharge was recognised
    other_recharge   uuid,                      -- of a duplicate payment: the order that counts
    kind             text NOT NULL CHECK (kind IN ('unused', 'duplicate')),
    preference       text NOT NULL CHECK (preference IN ('refund', 'convert')),
    state            text NOT NULL CHECK (state IN (
                         'requested', 'approved', 'sent', 'paid', 'failed', 'rejected', 'converted', 'cancelled')),
    requested_by     uuid,                      -- NULL: made at the processor, not here
    client_token     text NOT NULL,
    reason           text NOT NULL,
    credits          bigint NOT NULL CHECK (credits > 0),             -- asked for
    approved_credits bigint CHECK (approved_credits > 0),
    amount_minor     bigint CHECK (amount_minor > 0),                 -- of real money, once approved
    currency         text NOT NULL,
    payout           text CHECK (payout IN ('processor', 'manual')),
    payout_reference text NOT NULL DEFAULT '',
    processor_refund text,
    answer           text NOT NULL DEFAULT '',  -- staff's words to the customer
    failure          text NOT NULL DEFAULT '',
    reviewer_id      uuid,
    review_until     timestamptz,
    first_approver   uuid,
    first_approved_at timestamptz,
    first_terms      jsonb,                     -- what exactly the first approver agreed to
    decided_by       uuid,
    decided_at       timestamptz,
    paid_at          timestamptz,
    attempts         integer NOT NULL DEFAULT 0,
    next_try_at      timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, refund_id),
    UNIQUE (workspace_id, client_token)
);
CREATE UNIQUE INDEX refunds_by_id ON refunds (refund_id);
CREATE UNIQUE INDEX refunds_by_processor ON refunds (processor_refund) WHERE processor_refund IS NOT NULL;
CREATE INDEX refunds_of_recharge ON refunds (workspace_id, recharge_id);
CREATE INDEX refunds_to_do ON refunds (created_at) WHERE state IN ('requested', 'approved', 'sent', 'failed');

-- A payer disputes a payment at their bank. Booked from money movements (withdrawn, returned), not from status names.
--   warned · inquiry · open · under_review · won · lost · closed
CREATE TABLE disputes (
    workspace_id    uuid NOT NULL,
    dispute_id      uuid NOT NULL,              -- also the id of its chargeback_opened transfer
    recharge_id     uuid NOT NULL,
    payment_key     uuid NOT NULL,
    processor       text NOT NULL CHECK (processor IN ('stripe', 'sandbox', 'manual')),
    external_id     text NOT NULL,
    state           text NOT NULL CHECK (state IN (
                        'warned', 'inquiry', 'open', 'under_review', 'won', 'lost', 'closed')),
    reason          text NOT NULL DEFAULT '',
    amount_minor    bigint NOT NULL CHECK (amount_minor > 0),
    currency        text NOT NULL,
    withdrawn_minor bigint NOT NULL DEFAULT 0 CHECK (withdrawn_minor >= 0),   -- cumulative, taken by the bank
    returned_minor  bigint NOT NULL DEFAULT 0 CHECK (returned_minor >= 0),    -- cumulative, given back
    clawed          bigint NOT NULL DEFAULT 0 CHECK (clawed >= 0),            -- Credits taken back for it
    booked          text NOT NULL DEFAULT 'nothing' CHECK (booked IN ('nothing', 'opened', 'won', 'lost')),
    froze           boolean NOT NULL DEFAULT false,
    written_off     bigint NOT NULL DEFAULT 0 CHECK (written_off >= 0),
    evidence_due    timestamptz,
    evidence_sent_at timestamptz,
    note            text NOT NULL DEFAULT '',
    flag            text NOT NULL DEFAULT '',
    opened_at       timestamptz NOT NULL DEFAULT now(),
    closed_at       timestamptz,
    PRIMARY KEY (workspace_id, dispute_id),
    UNIQUE (processor, external_id)
);
CREATE UNIQUE INDEX disputes_by_id ON disputes (dispute_id);
CREATE INDEX disputes_of_payment ON disputes (workspace_id, payment_key);

-- Events of processors, each kept once. A row is committed together with its effect, or as failed for another try.
CREATE TABLE payment_events (
    event_key    uuid PRIMARY KEY,
    processor    text NOT NULL CHECK (processor IN ('stripe', 'sandbox')),
    external_id  text NOT NULL,
    kind         text NOT NULL,
    livemode     boolean NOT NULL,
    payload      jsonb NOT NULL,
    state        text NOT NULL CHECK (state IN ('handled', 'failed', 'ignored', 'unknown')),
    error        text NOT NULL DEFAULT '',
    attempts     integer NOT NULL DEFAULT 1,
    workspace_id uuid,
    recharge_id  uuid,
    received_at  timestamptz NOT NULL DEFAULT now(),
    handled_at   timestamptz,
    UNIQUE (processor, external_id)
);
CREATE INDEX payment_events_of_recharge ON payment_events (recharge_id) WHERE recharge_id IS NOT NULL;
CREATE INDEX payment_events_failed ON payment_events (received_at) WHERE state = 'failed';

-- Deliveries that were turned away, counted by day and cause: nothing in them is believed, so nothing of them is kept.
CREATE TABLE refused_deliveries (
    day       date NOT NULL,
    processor text NOT NULL,
    cause     text NOT NULL CHECK (cause IN ('no_secret', 'unsigned', 'forged', 'stale', 'malformed', 'wrong_mode', 'too_large')),
    count     bigint NOT NULL DEFAULT 1,
    last_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (day, processor, cause)
);

-- What stands on receipts.
CREATE TABLE billing_details (
    workspace_id uuid PRIMARY KEY,
    name         text NOT NULL DEFAULT '',
    address      text NOT NULL DEFAULT '',
    tax_id       text NOT NULL DEFAULT '',
    email        text NOT NULL DEFAULT '',
    updated_at   timestamptz NOT NULL DEFAULT now()
);

-- Recharge by itself when the balance is low. At most one order of it is in flight.
CREATE TABLE auto_top_ups (
    workspace_id    uuid PRIMARY KEY,
    enabled         boolean NOT NULL DEFAULT false,
    threshold       bigint NOT NULL CHECK (threshold > 0),
    credits         bigint NOT NULL CHECK (credits > 0),
    monthly_ceiling bigint NOT NULL CHECK (monthly_ceiling > 0),
    processor       text,
    customer_id     text,
    saved_method    text,
    method_label    text NOT NULL DEFAULT '',   -- 'Visa ending in 4242'
    recharge_id     uuid,                       -- in flight
    failures        integer NOT NULL DEFAULT 0,
    last_failure    text NOT NULL DEFAULT '',
    next_try_at     timestamptz,
    changed_by      uuid,
    changed_at      timestamptz NOT NULL DEFAULT now()
);

-- Codes that give promo Credits, once a workspace.
CREATE TABLE promo_codes (
    code_id    uuid PRIMARY KEY,
    code       text NOT NULL UNIQUE CHECK (code = upper(code) AND length(code) BETWEEN 4 AND 32),
    credits    bigint NOT NULL CHECK (credits > 0),
    -- Days the Credits can be spent; NULL: for ever.
    valid_days integer CHECK (valid_days > 0),
    most       integer CHECK (most > 0),        -- redemptions in all; NULL: any number
    redeemed   integer NOT NULL DEFAULT 0 CHECK (redeemed >= 0 AND (most IS NULL OR redeemed <= most)),
    expires_at timestamptz NOT NULL DEFAULT 'infinity',
    retired_at timestamptz,
    note       text NOT NULL DEFAULT '',
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE promo_redemptions (
    workspace_id uuid NOT NULL,
    code_id      uuid NOT NULL,
    transfer_id  uuid NOT NULL,
    redeemed_by  uuid,
    redeemed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, code_id)
);

-- The pretended processor of demos and development: its checkouts, and what was pressed there.
CREATE TABLE sandbox_checkouts (
    session_id     text PRIMARY KEY,
    recharge_id    uuid NOT NULL,
    workspace_id   uuid NOT NULL,
    amount_minor   bigint NOT NULL,
    currency       text NOT NULL,
    state          text NOT NULL DEFAULT 'open'
                   CHECK (state IN ('open', 'processing', 'paid', 'failed', 'expired')),
    payment_id     text UNIQUE,
    refunds        jsonb NOT NULL DEFAULT '[]',
    dispute        jsonb,
    created_at     timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, UPDATE ON payment_methods, recharges, refunds, disputes, payment_events, refused_deliveries,
    billing_details, auto_top_ups, promo_codes, sandbox_checkouts TO omna_runtime;
GRANT SELECT, INSERT ON payment_steps, payments, promo_redemptions TO omna_runtime;
