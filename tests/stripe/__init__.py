"""A fake Stripe: the part of its API that Omna uses, on a port of this machine, with signed events."""
