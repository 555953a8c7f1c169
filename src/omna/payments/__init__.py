"""Recharge, refund and dispute: state machines, and the inbox of payment processors' events."""
