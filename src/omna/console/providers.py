"""/api/console/providers: upstream accounts, their caps, their health."""

from typing import Annotated

from fastapi import Path, Request

from omna.audit.acting import Act
from omna.catalog import provider_desk as desk
from omna.catalog import service as catalog
from omna.console import provider_bodies as bodies
from omna.console.provider_schemas import (
    AddressChange,
    BoundChange,
    CapsChange,
    KeyChange,
    ProviderActed,
    ProviderDetail,
    ProviderHealth,
    ProviderNew,
    ProviderRow,
    RouteChange,
    Span,
    TestCall,
    TestResult,
    Why,
)
from omna.db.pool import Connection, borrow, transaction
from omna.errors import NotFound
from omna.gateway import probe, vitals
from omna.http.access import AtPool, Confirm, Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import RouteId
from omna.money import Nanocredits, parse_credits
from omna.risk import service as risk

router = Router(prefix="/api/console/providers", tags=["console"])

Reader = Annotated[Person, StaffCan(StaffRight.CONFIGURATION)]
Owner = Annotated[Person, StaffCan(StaffRight.OWN)]
ProviderPath = Annotated[str, Path(description="The provider's name.")]
RoutePath = Annotated[str, Path(description="The route: `rt_…`")]


@router.get("")
async def list_providers(who: Reader, connection: Reading) -> list[ProviderRow]:
    """Every provider, by name."""
    return await bodies.rows(connection)


@router.post("", status_code=201)
async def add_provider(
    body: ProviderNew, request: Request, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> ProviderActed:
    """Add a provider."""
    await confirm(connection, who, "provider.add", body.name)
    seq = await desk.add(
        connection, body.name, kind=body.kind, base_url=body.base_url, secret=body.api_key,
        allow_private=body.allow_private, max_in_flight=body.max_in_flight, keyring=request.app.state.keyring,
        reason=body.reason, actor=act(who),
    )  # fmt: skip
    return await _acted(connection, body.name, seq)


@router.get("/{provider}")
async def get_provider(provider: ProviderPath, who: Reader, connection: Reading) -> ProviderDetail:
    """One provider with its routes."""
    return await bodies.detail(connection, provider)


@router.get("/{provider}/health")
async def get_provider_health(
    provider: ProviderPath, who: Reader, connection: Reading, span: Span = "hour"
) -> ProviderHealth:
    """How the provider did in the last hour or day, as all gateways saw it."""
    found = await catalog.find_provider(connection, provider)
    return bodies.health(span, await vitals.vitals(connection, found.provider_id, span))


@router.put("/{provider}/address")
async def move_provider(
    provider: ProviderPath, body: AddressChange, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> ProviderActed:
    """Change where the provider is. Another origin clears its key."""
    await confirm(connection, who, "provider.address", provider)
    seq = await desk.move(connection, provider, body.base_url, body.allow_private, reason=body.reason, actor=act(who))
    return await _acted(connection, provider, seq)


@router.put("/{provider}/key")
async def replace_provider_key(
    provider: ProviderPath, body: KeyChange, request: Request, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> ProviderActed:
    """Give the provider another key."""
    await confirm(connection, who, "provider.key", provider)
    seq = await desk.replace_key(
        connection, provider, body.api_key, keyring=request.app.state.keyring, reason=body.reason, actor=act(who)
    )
    return await _acted(connection, provider, seq)


@router.post("/{provider}/key/remove")
async def remove_provider_key(
    provider: ProviderPath, body: Why, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> ProviderActed:
    """Forget the provider's key."""
    await confirm(connection, who, "provider.key", provider)
    seq = await desk.remove_key(connection, provider, reason=body.reason, actor=act(who))
    return await _acted(connection, provider, seq)


@router.post("/{provider}/enable")
async def enable_provider(provider: ProviderPath, body: Why, who: Owner, connection: Work, act: Act) -> ProviderActed:
    """Use the provider again, from the next request on."""
    seq = await desk.switch(connection, provider, True, reason=body.reason, actor=act(who))
    return await _acted(connection, provider, seq)


@router.post("/{provider}/disable")
async def disable_provider(provider: ProviderPath, body: Why, who: Owner, connection: Work, act: Act) -> ProviderActed:
    """Send the provider nothing any more, from the next request on."""
    seq = await desk.switch(connection, provider, False, reason=body.reason, actor=act(who))
    return await _acted(connection, provider, seq)


@router.put("/{provider}/bound")
async def bound_provider(
    provider: ProviderPath, body: BoundChange, who: Owner, connection: Work, act: Act
) -> ProviderActed:
    """Set how many calls each process may have open there."""
    seq = await desk.bound(connection, provider, body.max_in_flight, reason=body.reason, actor=act(who))
    return await _acted(connection, provider, seq)


@router.put("/{provider}/caps")
async def cap_provider(
    provider: ProviderPath, body: CapsChange, who: Owner, connection: Work, act: Act
) -> ProviderActed:
    """Set what may be spent there in a UTC day and month; what was spent of them already counts."""
    seq = await risk.cap_provider(
        connection, provider, _cap(body.daily), monthly_cap=_cap(body.monthly), reason=body.reason, actor=act(who)
    )
    return await _acted(connection, provider, seq)


@router.patch("/{provider}/routes/{route}")
async def change_provider_route(
    provider: ProviderPath, route: RoutePath, body: RouteChange, who: Owner, connection: Work, act: Act
) -> ProviderActed:
    """Change when a model uses this provider, or whether."""
    route_id = RouteId(id_in_address(route, "rt", "route"))
    if (await desk.find_route(connection, route_id)).provider.name != provider:
        raise NotFound("There is no such route.")
    seq = await desk.change_route(
        connection, route_id, priority=body.priority, weight=body.weight, enabled=body.enabled, reason=body.reason,
        actor=act(who),
    )  # fmt: skip
    return await _acted(connection, provider, seq)


@router.post("/{provider}/test")
async def test_provider(
    provider: ProviderPath, body: TestCall, request: Request, who: Owner, pool: AtPool, confirm: Confirm, act: Act
) -> TestResult:
    """Make a small call there, as a request would go. Its cost counts against the caps."""
    async with borrow(pool) as connection:
        found = await catalog.find_provider(connection, provider)
        model, route = probe.choose(await catalog.list_models(connection), found, body.model)
    async with transaction(pool) as connection:
        await confirm(connection, who, "provider.test", provider)
    result = await probe.probe(pool, request.app.state.keyring, found, model, route, reason=body.reason, actor=act(who))
    return bodies.test_result(result)


async def _acted(connection: Connection, name: str, seq: int) -> ProviderActed:
    shown = await bodies.detail(connection, name)
    return ProviderActed(**{field: getattr(shown, field) for field in ProviderDetail.model_fields}, audit_seq=seq)


def _cap(amount: str | None) -> Nanocredits | None:
    return None if amount is None else parse_credits(amount)
