-- A code that can give away more than one person may decide alone waits for a second one; until then it is nobody's.
ALTER TABLE promo_codes
    ADD COLUMN approved_by uuid,
    ADD COLUMN approved_at timestamptz;

-- People leave dashes out and put them in: with and without they are the same code.
CREATE UNIQUE INDEX promo_codes_plain ON promo_codes (replace(code, '-', ''));

-- Who redeemed a code, newest first.
CREATE INDEX promo_redemptions_of_code ON promo_redemptions (code_id, transfer_id);
