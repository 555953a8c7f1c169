"""Omna under fire: replicas behind a load balancer on a pair of PostgreSQL servers, and what is done to all of them.

    python -m tests.trials chaos --minutes 10 --seed 7    kill and stall every part in turn under load
    python -m tests.trials rolling --streams 500          restart every replica under running streams
    python -m tests.trials soak --hours 2                 the same load for long: memory, descriptors, holds, ledger
    python -m tests.trials load --clients 64              as much as it takes
    python -m tests.trials backup                         back up under load, restore elsewhere, compare

Each ends with the proof of all books; `make chaos` and the like run them.
"""
