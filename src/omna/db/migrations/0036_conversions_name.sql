-- A duplicate payment that its customer keeps as Credits is a kind of its own on the statement. The rules for it are in the
-- next file: a new value of an enum cannot be used by the transaction that adds it.
ALTER TYPE transfer_kind ADD VALUE 'conversion' AFTER 'recharge';
