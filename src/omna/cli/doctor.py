"""`omna doctor`"""

import dataclasses
import os
import platform
from collections.abc import AsyncIterator
from typing import Any

from omna import __version__
from omna.catalog import service as catalog
from omna.cli import doctor_checks
from omna.cli.doctor_checks import Check
from omna.cli.failures import sentence_of
from omna.cli.output import print_facts, print_json
from omna.cli.session import DEFAULTS, Options, database, settings_of
from omna.config import ConfigError, Settings, resolved
from omna.db.migrate import pending
from omna.db.pool import open_connection
from omna.documents.legal import terms_version
from omna.mail import service as mail
from omna.mail.smtp import sender_of, server_of
from omna.money import format_credits
from omna.payments.checkout import registry
from omna.payments.recharges.quote import offer_of
from omna.risk import service as risk
from omna.vault import service as vault


async def doctor(*, options: Options = DEFAULTS) -> int:
    """Show the settings in force, secrets masked, and check the installation; exit 1 when something is wrong."""
    settings = settings_of(options)
    checks = [check async for check in _checks(settings)]
    healthy = all(check.ok for check in checks)
    if options.json:
        print_json(
            {
                "version": __version__,
                "ok": healthy,
                "settings": _shown(settings),
                "checks": [dataclasses.asdict(check) for check in checks],
            }
        )
    else:
        print_facts(_shown(settings))
        print()
        print_facts({f"{'ok  ' if check.ok else 'FAIL'} {check.name}": check.detail for check in checks})
    return 0 if healthy else 1


def _shown(settings: Settings) -> dict[str, Any]:
    return {"OMNA_DATA": str(settings.data)} | {one.name: one.value for one in resolved(settings)}


async def _checks(settings: Settings) -> AsyncIterator[Check]:
    yield Check("python", True, f"Omna {__version__} on Python {platform.python_version()}")
    yield _data_directory(settings)
    yield _payments(settings)
    yield _legal(settings)
    for check in doctor_checks.of_machine(settings):
        yield check
    if not settings.database.url and not (settings.data / "postgres").exists():
        yield Check("database", True, "none yet: `omna up` makes it")
        return
    # Each step needs the one before it, so the first failure is the last line.
    try:
        async with database(settings) as url:
            missing = await pending(url)
            if missing:
                yield Check("schema", False, f"{len(missing)} behind: run `omna migrate`")
                return
            connection = await open_connection(url, settings.database)
            try:
                version = await connection.fetchval("SELECT current_setting('server_version')")
                yield Check("database", True, f"PostgreSQL {version}")
                yield await doctor_checks.drift(connection)
                for check in await doctor_checks.of_database(connection):
                    yield check
                await vault.open_keyring(connection, settings)
                yield Check("master key", True, "opens what this database holds")
                models = [model for model in await catalog.list_models(connection) if model.enabled]
                unrouted = [model.model_id for model in models if not any(route.enabled for route in model.routes)]
                yield Check(
                    "catalogue",
                    not unrouted,
                    f"without a route: {', '.join(unrouted)}" if unrouted else f"{len(models)} models on sale",
                )
                stops = await risk.stops(connection)
                yield Check(
                    "stops", True, f"in force: {', '.join(stop.scope for stop in stops)}" if stops else "none in force"
                )
                yield _mail(settings, *await mail.backlog(connection))
            finally:
                await connection.close()
    except Exception as error:  # noqa: BLE001  whatever is wrong is what this command is asked for
        yield Check("installation", False, sentence_of(error))


def _mail(settings: Settings, waiting: int, late: int, failed: int) -> Check:
    sender_of(settings.mail)
    if server_of(settings.mail) is None:
        return Check("mail", True, "no mail server: mails are kept, `omna mail list` shows them")
    return Check(
        "mail", late == 0, f"{waiting} waiting, {late} of them for an hour or more; {failed} given up in a day"
    )


def _payments(settings: Settings) -> Check:
    try:
        registry.check(settings)
        offer = offer_of(settings.payments, settings.credits.usd_per_credit, terms_version(settings.legal))
    except ConfigError as error:
        return Check("payments", False, str(error))
    packs = ", ".join(format_credits(pack.credits) for pack in offer.tariff.packs) or "no packs"
    how = "by hand"
    if offer.checkout is not None:
        how += f" and by {offer.checkout.processor}" + (", test mode" if offer.checkout.test_mode else "")
    return Check("payments", True, f"{packs} Credits, {how}")


def _legal(settings: Settings) -> Check:
    try:
        version = terms_version(settings.legal)
    except ConfigError as error:
        return Check("legal", False, str(error))
    return Check("legal", True, f"terms of version {version}, {settings.legal.directory or 'as Omna brings them'}")


def _data_directory(settings: Settings) -> Check:
    directory = settings.data
    if not directory.exists():
        return Check("data directory", True, f"{directory} does not exist yet")
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        return Check("data directory", False, f"{directory} cannot be written by this user")
    return Check("data directory", True, str(directory))
