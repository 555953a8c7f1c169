"""The audit log: who did what to whom, when, why and from where."""
