"""Omna: one workspace, one balance, many models."""

__version__ = "0.1.0"
