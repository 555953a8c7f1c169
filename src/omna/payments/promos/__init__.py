"""Codes that give promo Credits."""
