"""Upstream model providers: one protocol (base.py), one file per wire format, a registry of hosts and a fake."""
