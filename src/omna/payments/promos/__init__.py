"""Codes that give promo Credits, once a workspace."""
