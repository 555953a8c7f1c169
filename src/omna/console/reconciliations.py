"""/api/console/providers/{provider}/…: what providers report that they charged, against what was recorded."""

from fastapi import Request

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.catalog import service as catalog
from omna.console import provider_bodies as bodies
from omna.console.provider_schemas import (
    ProviderActed,
    ProviderDetail,
    Reconciled,
    ReconciledDay,
    ReportingKey,
    Why,
)
from omna.console.providers import Owner, ProviderPath, Reader
from omna.db.pool import Connection, borrow, transaction
from omna.errors import Conflict
from omna.http.access import AtPool, Confirm, Reading, Work
from omna.http.router import Router
from omna.risk.reconciliation import service as reconciliation

router = Router(prefix="/api/console/providers", tags=["console"])

#: Days that are shown.
DAYS = 60


@router.get("/{provider}/reconciliations")
async def list_reconciliations(provider: ProviderPath, who: Reader, connection: Reading) -> list[ReconciledDay]:
    """The days that were compared, newest first."""
    found = await catalog.find_provider(connection, provider)
    return [bodies.reconciled(line) for line in await reconciliation.lines(connection, found, DAYS)]


@router.post("/{provider}/reconcile")
async def reconcile_provider(
    provider: ProviderPath, body: Why, request: Request, who: Owner, pool: AtPool, act: Act
) -> Reconciled:
    """Read the provider's report now, and compare the days that are open."""
    async with borrow(pool) as connection:
        found = await catalog.find_provider(connection, provider)
    lines = await reconciliation.reconcile(pool, request.app.state.keyring, request.app.state.settings, found)
    if not lines:
        raise Conflict("There is no report to read: set a reporting key first.")
    async with transaction(pool) as connection:
        seq = await audit.record(
            connection, act(who), "provider.reconcile", provider, reason=body.reason,
            after={line.day.isoformat(): line.state for line in lines},
        )  # fmt: skip
    return Reconciled(days=[bodies.reconciled(line) for line in lines], audit_seq=seq)


@router.put("/{provider}/reporting-key")
async def set_reporting_key(
    provider: ProviderPath,
    body: ReportingKey,
    request: Request,
    who: Owner,
    connection: Work,
    confirm: Confirm,
    act: Act,
) -> ProviderActed:
    """Set the key that reads the provider's report. It belongs to the provider's address, and is never shown again."""
    await confirm(connection, who, "provider.reporting_key", provider)
    seq = await reconciliation.set_key(
        connection, provider, body.api_key, body.format, keyring=request.app.state.keyring, reason=body.reason,
        actor=act(who),
    )  # fmt: skip
    return await _acted(connection, provider, seq)


@router.post("/{provider}/reporting-key/remove")
async def remove_reporting_key(
    provider: ProviderPath, body: Why, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> ProviderActed:
    """Forget the key that reads the provider's report."""
    await confirm(connection, who, "provider.reporting_key", provider)
    seq = await reconciliation.remove_key(connection, provider, reason=body.reason, actor=act(who))
    return await _acted(connection, provider, seq)


async def _acted(connection: Connection, name: str, seq: int) -> ProviderActed:
    shown = await bodies.detail(connection, name)
    return ProviderActed(**{field: getattr(shown, field) for field in ProviderDetail.model_fields}, audit_seq=seq)
