"""Payments that the payer's bank takes back."""
