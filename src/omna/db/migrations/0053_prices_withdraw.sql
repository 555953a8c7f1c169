-- Prices that were announced and taken back before they took effect. The versions themselves stay as they were set: a
-- version with a row here is never in effect. Written under the controls lock, and only for a moment that is to come.

CREATE TABLE price_withdrawals (
    price_version_id uuid PRIMARY KEY REFERENCES price_versions,
    withdrawn_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION refuse_late_withdrawal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT effective_from FROM price_versions WHERE price_version_id = NEW.price_version_id) <= clock_timestamp() THEN
        RAISE EXCEPTION 'a price that took effect cannot be taken back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER price_withdrawals_early BEFORE INSERT ON price_withdrawals
    FOR EACH ROW EXECUTE FUNCTION refuse_late_withdrawal();
CREATE TRIGGER price_withdrawals_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON price_withdrawals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE price_withdrawals ENABLE ALWAYS TRIGGER price_withdrawals_immutable;
CREATE TRIGGER catalog_bump AFTER INSERT ON price_withdrawals
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_bump();

GRANT SELECT, INSERT ON price_withdrawals TO omna_runtime;
