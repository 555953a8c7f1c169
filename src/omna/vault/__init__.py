"""Secrets at rest: the master key, the keys derived from it, and envelopes that hold one secret each."""
