"""What `omna doctor` looks at besides Omna itself: the machine, the database server, how the world reaches both."""

import shutil
import time
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from omna.cli.top_reading import journalled
from omna.config import ConfigError, Settings
from omna.db import facts
from omna.db.pool import Connection
from omna.http.cookies import cookie_jar, is_loopback
from omna.http.origin import trusted_networks
from omna.worker import standing

#: Clocks that differ by more make leases and links end at the wrong moment.
_SKEW_SECONDS = 2.0
_LEAST_BYTES = 1 << 30


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. A note that is no fault is `ok`."""

    name: str
    ok: bool
    detail: str


def of_machine(settings: Settings) -> list[Check]:
    """Return what needs no database."""
    return [_public_address(settings), _proxies(settings), *_disk(settings), _journal(settings)]


async def of_database(connection: Connection) -> list[Check]:
    """Return how fit the database server is to hold money."""
    return [
        await _clock(connection),
        await _durability(connection),
        await _standby(connection),
        await _encryption(connection),
        await _jobs(connection),
    ]


async def drift(connection: Connection) -> Check:
    """Return whether the schema is the one of this release, and not of a later one."""
    schema = await facts.schema(connection)
    if schema.missing:
        return Check("schema", False, f"{len(schema.missing)} behind: run `omna migrate`")
    if schema.unknown:
        return Check("schema", True, f"newer than this release: {', '.join(schema.unknown)}; bring Omna up to date")
    return Check("schema", True, f"up to date, {schema.newest}")


def _public_address(settings: Settings) -> Check:
    server = settings.server
    try:
        cookie_jar(server)
    except ConfigError as error:
        return Check("public address", False, str(error))
    if server.public_url.startswith("http://") and not _is_here(settings):
        return Check("public address", True, f"{server.public_url}, unencrypted because OMNA_SERVER_ALLOW_HTTP says so")
    return Check("public address", True, server.public_url)


def _proxies(settings: Settings) -> Check:
    server = settings.server
    try:
        networks = trusted_networks(server.trusted_proxies)
    except ValueError as error:
        return Check("proxies", False, f"OMNA_SERVER_TRUSTED_PROXIES: {error}")
    if networks:
        return Check("proxies", True, f"believed: {server.trusted_proxies}")
    if server.public_url.startswith("https://") and not _is_here(settings):
        return Check(
            "proxies",
            False,
            "https comes from a proxy, and none is believed: everybody would have its address, and share its limits;"
            " set OMNA_SERVER_TRUSTED_PROXIES",
        )
    return Check("proxies", True, "none believed")


def _is_here(settings: Settings) -> bool:
    return is_loopback(urlsplit(settings.server.public_url).hostname or "")


def _disk(settings: Settings) -> list[Check]:
    if not settings.data.exists():
        return []
    usage = shutil.disk_usage(settings.data)
    free = f"{usage.free / 2**30:.1f} GiB free of {usage.total / 2**30:.1f}"
    return [Check("disk", usage.free >= _LEAST_BYTES, free)]


def _journal(settings: Settings) -> Check:
    waiting = journalled(settings.data)
    if not waiting:
        return Check("journal", True, "empty")
    return Check(
        "journal", False, f"{waiting} settlements wait here: a gateway with this data directory books them at its start"
    )


async def _clock(connection: Connection) -> Check:
    before = time.time()
    theirs = (await connection.fetchval("SELECT clock_timestamp()")).timestamp()
    after = time.time()
    # Neither a slow answer nor a slow question is a wrong clock.
    skew = max(theirs - after, before - theirs, 0)
    return Check("clock", skew <= _SKEW_SECONDS, f"{skew:.1f} s from the database's")


async def _durability(connection: Connection) -> Check:
    """What these settings promise is what a commit is worth: an answer is sent when its charge is committed."""
    names = ("fsync", "full_page_writes", "synchronous_commit")
    values = {name: await connection.fetchval("SELECT current_setting($1)", name) for name in names}
    off = [name for name, value in values.items() if value == "off"]
    if off:
        return Check("durability", False, f"off: {', '.join(off)}; what was booked can be lost with the machine")
    return Check("durability", True, ", ".join(f"{name} {value}" for name, value in values.items()))


async def _standby(connection: Connection) -> Check:
    if await connection.fetchval("SELECT pg_is_in_recovery()"):
        return Check("standby", False, "this server is one itself: it takes no changes until it is promoted")
    names = await connection.fetchval("SELECT current_setting('synchronous_standby_names')")
    async with connection.transaction(readonly=True):
        # Who signed in may see more of the server than the application's role.
        await connection.execute("SET LOCAL ROLE NONE")
        rows = await connection.fetch("SELECT state, sync_state FROM pg_stat_replication")
    streaming = [row["sync_state"] or "streaming" for row in rows if row["state"] in ("streaming", None)]
    if names and not rows:
        return Check("standby", False, f"commits wait for {names!r}, and nobody streams")
    if not streaming:
        return Check("standby", True, "none: what comes after the last backup is lost with this server")
    return Check("standby", True, f"{len(streaming)}: {', '.join(sorted(streaming))}")


async def _encryption(connection: Connection) -> Check:
    row = await connection.fetchrow(
        "SELECT s.ssl, s.version, host(inet_server_addr()) AS address"
        " FROM pg_stat_ssl AS s WHERE s.pid = pg_backend_pid()"
    )
    address = None if row is None else row["address"]
    if row is not None and row["ssl"]:
        return Check("connection", True, f"encrypted, {row['version']}")
    if address is None or ip_address(address).is_loopback:
        return Check("connection", True, "on this machine")
    if ip_address(address).is_private:
        return Check("connection", True, f"to {address}, unencrypted: only for a network that nobody else is on")
    return Check("connection", False, f"to {address}, unencrypted: add sslmode=verify-full to OMNA_DATABASE_URL")


async def _jobs(connection: Connection) -> Check:
    now = await standing.read(connection)
    if now.jobs and now.jobs_late == now.jobs:
        return Check("jobs", False, "all are late: no worker runs")
    if now.jobs_late or now.jobs_failing:
        return Check("jobs", False, f"{now.jobs_late} late, {now.jobs_failing} failing; System in the console says why")
    return Check("jobs", True, f"{now.jobs} known" if now.jobs else "no worker has run yet")
