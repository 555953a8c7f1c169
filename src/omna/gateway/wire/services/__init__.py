"""Endpoints whose answers are no text: a file for each, and what they share."""
