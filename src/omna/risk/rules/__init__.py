"""Rules that watch for misuse: data, judged on events and every minute; what they found, and who decides about it."""
