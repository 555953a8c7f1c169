"""The ledger: double entry in nanocredits. See README.md for the chart of accounts."""
