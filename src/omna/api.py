"""Everything under /api: which routers there are, and how a cookie or a key becomes somebody."""

import functools
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from omna.accounts import console_sessions, identity_routes, passkey_routes, sessions, step_up
from omna.accounts import routes as account_routes
from omna.accounts import viewing as viewings
from omna.accounts.oauth_wire import Services
from omna.audit import service as audit
from omna.audit.acting import Acting
from omna.catalog import routes as catalog
from omna.chat.conversations import routes as conversations
from omna.chat.files import routes as chat_files
from omna.chat.moving import archiving
from omna.chat.moving import routes as chat_moving
from omna.chat.runs import asking_routes as asking
from omna.chat.runs import routes as runs
from omna.chat.sharing import routes as chat_sharing
from omna.chat.shelf import history_routes as chat_history
from omna.chat.shelf import keeping_routes as chat_keeping
from omna.config import Settings
from omna.console import access as console_access
from omna.console import alert_settings as console_alert_settings
from omna.console import alerts as console_alerts
from omna.console import announcements as console_announcements
from omna.console import audit as console_audit
from omna.console import credits as console_credits
from omna.console import dashboard as console_dashboard
from omna.console import disputes as console_disputes
from omna.console import mails as console_mails
from omna.console import models as console_models
from omna.console import payment_methods as console_payment_methods
from omna.console import payments as console_payments
from omna.console import price_lists as console_price_lists
from omna.console import promo_codes as console_promo_codes
from omna.console import protection as console_protection
from omna.console import providers as console_providers
from omna.console import recharges as console_recharges
from omna.console import reconciliations as console_reconciliations
from omna.console import refunds as console_refunds
from omna.console import risk as console_risk
from omna.console import risk_rules as console_risk_rules
from omna.console import search as console_search
from omna.console import session as console_session
from omna.console import stops as console_stops
from omna.console import support as console_support
from omna.console import system as console_system
from omna.console import uploads as console_uploads
from omna.console import users as console_users
from omna.console import viewing as console_viewing
from omna.console import workspaces as console_workspaces
from omna.db.pool import Connection
from omna.documents.legal import terms_version
from omna.errors import NotFound
from omna.gateway import receipts
from omna.http.application import application, build
from omna.http.principal import RIGHTS, Member, Person, Role
from omna.ids import SessionId, ViewingId, WorkspaceId
from omna.keys import management
from omna.keys import routes as key_routes
from omna.ledger import routes as ledger
from omna.membership import routes as leaving
from omna.membership import team_routes
from omna.payments.billing import routes as billing
from omna.payments.checkout import routes as checkout
from omna.payments.disputes import routes as disputes
from omna.payments.promos import routes as promos
from omna.payments.recharges import routes as recharges
from omna.payments.recharges.quote import offer_of
from omna.payments.refunds import routes as refunds
from omna.support import routes as support
from omna.uploads import routes as uploads
from omna.usage import ledger_export, overview
from omna.usage import routes as usage
from omna.website import installation
from omna.workspaces import routes as workspace_routes
from omna.workspaces import service as workspaces

#: One router a noun; the order is the order of the reference.
ROUTERS: tuple[APIRouter, ...] = (
    installation.router,
    account_routes.router,
    passkey_routes.router,
    identity_routes.router,
    usage.router,
    receipts.router,
    catalog.router,
    leaving.router,
    workspace_routes.router,
    team_routes.router,
    key_routes.router,
    ledger.router,
    ledger_export.router,
    overview.router,
    uploads.router,
    support.router,
    chat_history.router,
    chat_keeping.router,
    chat_moving.router,
    chat_sharing.router,
    chat_files.router,
    conversations.router,
    runs.router,
    asking.router,
    console_session.router,
    console_uploads.router,
    console_search.router,
    console_users.router,
    console_workspaces.router,
    console_access.router,
    promos.router,
    billing.router,
    refunds.router,
    disputes.router,
    console_promo_codes.router,
    recharges.router,
    console_support.router,
    console_recharges.router,
    console_payment_methods.router,
    console_refunds.router,
    console_disputes.router,
    console_risk_rules.router,
    console_risk.router,
    console_stops.router,
    console_announcements.router,
    console_credits.router,
    console_viewing.router,
    checkout.router,
    console_payments.router,
    console_alerts.router,
    console_alert_settings.router,
    console_dashboard.router,
    console_models.router,
    console_price_lists.router,
    console_providers.router,
    console_reconciliations.router,
    console_protection.router,
    console_audit.router,
    console_system.router,
    console_mails.router,
)


class People:
    """Answers who is asking: sessions are known to accounts, roles to workspaces, management keys to keys."""

    async def person(self, connection: Connection, token: str, origin: str) -> Person:
        return await sessions.resolve(connection, token, origin)

    async def member(self, connection: Connection, person: Person, workspace_id: WorkspaceId) -> Member:
        standing = await workspaces.standing(connection, workspace_id, person.user_id)
        if standing is None:
            raise NotFound("There is no such workspace.")
        role, frozen = standing
        return Member(workspace_id, person.user_id, role, RIGHTS[role], person.session_id, None, person.origin, frozen)

    async def key(self, connection: Connection, text: str, workspace_id: WorkspaceId, origin: str) -> Member:
        key = await management.authenticate(connection, text)
        standing = await workspaces.standing(connection, key.workspace_id, key.created_by)
        if key.workspace_id != workspace_id or standing is None:
            raise NotFound("There is no such workspace.")
        role, frozen = standing
        rights = RIGHTS[Role(key.role)] & RIGHTS[role]
        return Member(workspace_id, key.created_by, Role(key.role), rights, None, key.management_key_id, origin, frozen)

    async def seen_by(self, connection: Connection, staff: Person, viewing: str) -> Person:
        return await viewings.seen_by(connection, staff, viewing)

    async def has_opened(self, connection: Connection, viewing_id: ViewingId, workspace_id: WorkspaceId) -> bool:
        return await viewings.has_opened(connection, viewing_id, workspace_id)

    async def open_in_viewing(
        self, connection: Connection, person: Person, keyring: Any, workspace_id: WorkspaceId
    ) -> None:
        assert person.viewing_id is not None, "only what is viewed is opened in a viewing"
        await viewings.open_workspace(connection, person.viewing_id, workspace_id, actor=Acting(keyring)(person))

    async def enter_console(self, connection: Connection, person: Person) -> None:
        await console_sessions.enter(connection, person)

    async def refuse_staff(self, connection: Connection, person: Person, keyring: Any, what: str, right: str) -> None:
        await audit.record(connection, Acting(keyring)(person), "console.refuse", what, after={"right": right})

    async def step_up(self, connection: Connection, session_id: SessionId, action: str, target: str) -> None:
        await step_up.use(connection, session_id, action, target)


@functools.cache
def _routes() -> list[BaseRoute]:
    return build(ROUTERS)


def create_api(settings: Settings) -> FastAPI:
    """Return /api without its database. Errors: RuntimeError for a route without a requirement, ConfigError."""
    offer_of(settings.payments, settings.credits.usd_per_credit, terms_version(settings.legal))
    api = application(settings, People(), _routes())
    api.state.services = Services(settings.sign_in)
    api.state.kept_of_person = archiving.files
    return api
