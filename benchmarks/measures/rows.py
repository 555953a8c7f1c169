"""What one request leaves on disk."""

from benchmarks.bench import Bench
from benchmarks.load.closed_loop import ClosedLoop
from benchmarks.processes import ProcessError
from benchmarks.report import Finding, Outcome, Table

TARGET_BYTES = 512

# Indexes and the free space of half-filled pages are part of what a row costs.
_REQUESTS = """
    SELECT count(*) AS rows,
           (SELECT sum(pg_total_relation_size(inhrelid))
            FROM pg_inherits WHERE inhparent = 'requests'::regclass) AS bytes
    FROM requests
"""
_TABLES = """
    SELECT relname AS name, pg_total_relation_size(oid) AS bytes, pg_relation_size(oid) AS heap
    FROM pg_class
    WHERE relnamespace = 'omna'::regnamespace AND relkind = 'r' AND pg_total_relation_size(oid) > 1000000
    ORDER BY pg_total_relation_size(oid) DESC
"""


def measure_rows(bench: Bench) -> Outcome:
    """Make sure that there are enough rows, then divide what the tables occupy by their number."""
    plan = bench.plan
    found = bench.installation.query(_REQUESTS)[0]
    if found["rows"] < plan.row_requests:
        with bench.omna() as (_, target):
            bench.load(ClosedLoop(target, plan.connections, 60.0, plan.row_requests))
        found = bench.installation.query(_REQUESTS)[0]
    rows = int(found["rows"])
    if not rows:
        raise ProcessError("requests were answered, and none has a row")
    each = float(found["bytes"]) / rows
    outcome = Outcome()
    outcome.findings = [
        Finding("request row on disk, index included", "≤ 0.5 KB", f"{each:.0f} bytes", each <= TARGET_BYTES)
    ]
    tables = bench.installation.query(_TABLES)
    lines = [
        (
            str(table["name"]),
            f"{table['bytes'] / rows:.0f}",
            f"{table['heap'] / rows:.0f}",
            f"{table['bytes'] / 1e6:.1f}",
        )
        for table in tables
    ]
    columns = ("table", "bytes a request", "of them without indexes", "MB")
    outcome.tables = [Table("On disk", columns, tuple(lines), f"After {rows:,} requests; tables above 1 MB.")]
    return outcome
