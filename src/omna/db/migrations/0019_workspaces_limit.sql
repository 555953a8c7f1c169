-- The daily limit a workspace sets itself, beside the operator's: the lower one binds. And when a key was last used.

ALTER TABLE workspaces ADD COLUMN own_daily_limit bigint CHECK (own_daily_limit >= 0);
COMMENT ON COLUMN workspaces.daily_limit IS 'Nanocredits a UTC day, set by the operator; NULL is no limit.';
COMMENT ON COLUMN workspaces.own_daily_limit IS 'Nanocredits a UTC day, set by an owner or admin; NULL is no limit.';

-- Of the day: admission writes the row of a key's day anyway.
ALTER TABLE key_spend ADD COLUMN last_used_at timestamptz;
