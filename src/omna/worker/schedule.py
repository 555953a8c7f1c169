"""The table of periodic jobs, times in UTC. Each turn is run by one worker of the cluster."""

from omna.jobs.periodic import Periodic
from omna.worker.ledger import expire_promos, seal, verify
from omna.worker.usage import forget_answers, make_partitions

SCHEDULE = (
    # name                      minute hour day month weekday
    Periodic("ledger-seal",         "* * * * *",    seal),
    Periodic("ledger-promo-expiry", "* * * * *",    expire_promos),
    Periodic("ledger-verify",       "17 3 * * *",   verify),
    Periodic("usage-partitions",    "7 0 * * *",    make_partitions),
    Periodic("idempotency-sweep",   "23 * * * *",   forget_answers),
)  # fmt: skip
