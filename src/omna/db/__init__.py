"""PostgreSQL: the embedded server, the pool and its transactions, and the schema."""
