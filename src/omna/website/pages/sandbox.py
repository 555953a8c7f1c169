"""The page of the pretended payment service: what a payer or a bank would do, as buttons."""

from typing import cast, get_args

from starlette.responses import Response
from starlette.routing import Route

from omna.db.pool import borrow, transaction
from omna.errors import Conflict, InvalidValue, ServiceUnavailable
from omna.payments.checkout import inbox, sandbox
from omna.payments.checkout.registry import Registry
from omna.payments.checkout.sandbox import Button, Sandbox, SandboxCheckout
from omna.payments.recharges.quote import format_minor
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit

#: After these the payer goes back to where they came from; the others are what banks do, later.
_PAYERS = frozenset({"pay", "pay_declining", "pay_later", "fail"})


def routes(site: Site) -> list[Route]:
    return [page(site, "/sandbox/checkout/{session}", show=_show, submit=_submit)]


async def _show(visit: Visit) -> Response:
    return _draw(visit, await _find(visit))


async def _submit(visit: Visit) -> Response:
    checkout = await _find(visit)
    if not visit.belongs():
        return _draw(visit, checkout, 403)
    button = visit.field("button")
    if button not in get_args(Button):
        raise InvalidValue("There is no such button.")
    registry, service = _services(visit)
    try:
        async with transaction(registry.pool) as connection:
            checkout = await sandbox.press(connection, checkout.session_id, cast(Button, button))
    except Conflict:
        visit.complain(None, "sandbox.pressed")
        return _draw(visit, await _find(visit), 409)
    # What is pressed is committed, as with a real service, before anybody is told of it.
    body, headers = service.deliver(checkout, cast(Button, button))
    await inbox.receive(registry, "sandbox", body, headers)
    return visit.go(checkout.return_url if button in _PAYERS and checkout.return_url else visit.here)


async def _find(visit: Visit) -> SandboxCheckout:
    registry, _ = _services(visit)
    async with borrow(registry.pool) as connection:
        return await sandbox.find(connection, visit.request.path_params["session"])


def _services(visit: Visit) -> tuple[Registry, Sandbox]:
    registry: Registry | None = getattr(visit.request.app.state, "checkout", None)
    if registry is None or registry.sandbox is None:
        raise ServiceUnavailable(retry_after=2)
    return registry, registry.sandbox


def _draw(visit: Visit, checkout: SandboxCheckout, status: int = 200) -> Response:
    dispute = None if checkout.dispute is None else checkout.dispute["status"]
    return visit.page(
        "sandbox.html",
        status,
        checkout=checkout,
        amount=format_minor(checkout.amount_minor, checkout.currency),
        state=f"dispute_{dispute}" if dispute else checkout.state,
        buttons=sandbox.buttons(checkout),
    )
