-- Above the threshold two people agree to give up a debt: who did first, and to how much.
ALTER TABLE disputes
    ADD COLUMN first_approver    uuid,
    ADD COLUMN first_approved_at timestamptz,
    ADD COLUMN first_amount      bigint CHECK (first_amount > 0);
