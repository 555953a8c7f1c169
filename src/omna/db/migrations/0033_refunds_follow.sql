-- What a refund or a dispute did beside its Credits, so that it can be undone.

ALTER TABLE refunds
    -- How often it was set aside again after a payout that failed for good, and what the payment service knows it by.
    ADD COLUMN round            integer NOT NULL DEFAULT 0 CHECK (round >= 0),
    ADD COLUMN payout_key       uuid,
    -- Promo Credits of the recharge that were taken back with it, and when they would have expired.
    ADD COLUMN promo_withdrawn  bigint NOT NULL DEFAULT 0 CHECK (promo_withdrawn >= 0),
    ADD COLUMN promo_expires_at timestamptz,
    -- Why a person should look at it: credits_missing, made_elsewhere, disputed …
    ADD COLUMN flag             text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX refunds_by_payout_key ON refunds (payout_key) WHERE payout_key IS NOT NULL;
CREATE INDEX refunds_to_send ON refunds (next_try_at) WHERE state = 'approved' AND payout = 'processor';

ALTER TABLE disputes
    ADD COLUMN promo_withdrawn  bigint NOT NULL DEFAULT 0 CHECK (promo_withdrawn >= 0),
    ADD COLUMN promo_expires_at timestamptz,
    -- Transfers that took more Credits back for it, beside the one with its own id: a refund of the payment failed later.
    ADD COLUMN more_claws       uuid[] NOT NULL DEFAULT '{}';
CREATE INDEX disputes_to_do ON disputes (opened_at) WHERE state IN ('warned', 'inquiry', 'open', 'under_review');
