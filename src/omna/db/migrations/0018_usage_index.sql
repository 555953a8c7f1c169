-- What a filter asks of sums: the hours and days of one model, or of one key. Only a job writes here, so no request pays.

CREATE INDEX usage_sums_by_model ON usage_sums (workspace_id, grain, model_id, start);
CREATE INDEX usage_sums_by_key ON usage_sums (workspace_id, grain, key_id, start);
