-- A conversion books what a recharge books.
INSERT INTO ledger_rules (kind, account) SELECT 'conversion', account FROM ledger_rules WHERE kind = 'recharge';
