-- The model a request asked for, where another one answered: an alias, or a fallback. NULL otherwise, so that an ordinary
-- row stays as small as it was.
ALTER TABLE requests ADD COLUMN wanted_model text;
