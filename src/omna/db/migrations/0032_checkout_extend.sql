-- Asking payment services: when to ask about an order again, what an event was about, what the sandbox knows.

ALTER TABLE recharges
    ADD COLUMN polls        integer NOT NULL DEFAULT 0 CHECK (polls >= 0),
    ADD COLUMN next_poll_at timestamptz NOT NULL DEFAULT now();
-- A cancelled order with an address is still to be closed at its service.
CREATE INDEX recharges_to_poll ON recharges (next_poll_at)
    WHERE channel <> 'manual'
      AND (state IN ('created', 'open', 'awaiting_payment') OR (state = 'cancelled' AND session_url IS NOT NULL));

ALTER TABLE payment_events
    ADD COLUMN session_id  text,
    ADD COLUMN payment_id  text,
    ADD COLUMN next_try_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN note        text NOT NULL DEFAULT '';     -- why staff set it aside
DROP INDEX payment_events_failed;
CREATE INDEX payment_events_failed ON payment_events (next_try_at) WHERE state = 'failed';

ALTER TABLE sandbox_checkouts
    ADD COLUMN reference   text NOT NULL DEFAULT '',
    ADD COLUMN description text NOT NULL DEFAULT '',
    ADD COLUMN return_url  text NOT NULL DEFAULT '',
    ADD COLUMN expires_at  timestamptz NOT NULL DEFAULT 'infinity',
    ADD COLUMN saves       boolean NOT NULL DEFAULT false,   -- the method is kept for automatic recharges
    ADD COLUMN declines    boolean NOT NULL DEFAULT false,   -- that method will be declined
    ADD COLUMN off_session boolean NOT NULL DEFAULT false,   -- charged without a page
    ADD COLUMN failure     text NOT NULL DEFAULT '',
    ADD COLUMN warned      boolean NOT NULL DEFAULT false,   -- the payer's bank expects fraud
    ADD COLUMN paid_at     timestamptz;
