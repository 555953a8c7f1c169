"""One file per row of the performance table: run it, compare it with its target, say what explains it."""
