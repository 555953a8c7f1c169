-- A cap on what may be spent at a provider in a UTC month, and what staff may know of its key.

ALTER TABLE providers
    -- Nanocredits at provider cost in a UTC month; NULL is no cap.
    ADD COLUMN monthly_cap bigint CHECK (monthly_cap >= 0),
    -- The last characters of a key that is long enough to show them; NULL: nothing is shown.
    ADD COLUMN key_ends text CHECK (length(key_ends) <= 4);
