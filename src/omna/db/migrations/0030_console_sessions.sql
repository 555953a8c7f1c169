-- The console is open in a session of staff for a while: from a fresh proof of identity, as long as it is used.

ALTER TABLE sessions
    ADD COLUMN console_opened_at timestamptz,
    ADD COLUMN console_seen_at   timestamptz,
    ADD CHECK ((console_opened_at IS NULL) = (console_seen_at IS NULL));
