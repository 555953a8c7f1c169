"""Tenants: who owns a balance, who is a member, what is allowed in a day."""
