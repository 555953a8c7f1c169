-- What a review of recharges needs to know beside the order itself.
ALTER TABLE recharges
    ADD COLUMN save_method   boolean NOT NULL DEFAULT false,   -- keep the card for automatic top-ups
    ADD COLUMN submitted_by  uuid,
    -- payer_reference as it was typed; that column is for comparison.
    ADD COLUMN payer_words   text NOT NULL DEFAULT '',
    -- Of the proof, as it was when it was handed in.
    ADD COLUMN proof_name    text NOT NULL DEFAULT '',
    ADD COLUMN proof_type    text NOT NULL DEFAULT '',
    ADD COLUMN proof_size    bigint NOT NULL DEFAULT 0,
    ADD COLUMN proof_sha256  text NOT NULL DEFAULT '',
    -- Money that arrived and does not fit the order, until a person decides: payment_id, amount_minor, currency, fingerprint.
    ADD COLUMN received      jsonb,
    -- What the first approver agreed to.
    ADD COLUMN first_credits bigint CHECK (first_credits > 0);

DROP INDEX recharges_by_proof;
CREATE INDEX recharges_by_proof ON recharges (proof_sha256) WHERE proof_sha256 <> '';
CREATE INDEX recharges_by_paid_on ON recharges (method_id, paid_on) WHERE paid_on IS NOT NULL;
