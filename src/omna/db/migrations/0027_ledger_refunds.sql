-- A refund may fail after it seemed to be paid, and Credits that come back repay a debt first.

INSERT INTO ledger_rules (kind, account) VALUES ('refund_failed', 'refunds_out'), ('refund_failed', 'debt');
