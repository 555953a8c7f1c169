"""A signed-in person chooses another password."""

from omna.accounts import credentials, letters, service, step_up, store
from omna.accounts.desk import Desk
from omna.accounts.password_rules import check_password
from omna.audit import service as audit
from omna.db.pool import transaction
from omna.errors import Unauthenticated
from omna.http.principal import Person
from omna.ids import show
from omna.mail.service import Kind

ACTION = "account.password"


async def change_password(desk: Desk, who: Person, password: str) -> None:
    """Give the person a new password and end all their other sessions.

    Errors  StepUpRequired, InvalidValue, which leaves the grant unused; GatewayOverloaded
    """
    async with transaction(desk.pool) as connection:
        user = await service.get(connection, who.user_id)
        shortest = await service.shortest_password(connection, who.user_id)
        chosen = check_password(password, user.email_normalized, shortest=shortest)
        await step_up.use(connection, who.session_id, ACTION, "")
    password_hash = await desk.passwords.hash(chosen)
    async with transaction(desk.pool) as connection:
        now = await store.lock(connection, who.user_id)
        if now is None or not now.may_sign_in or now.credential_version != user.credential_version:
            # The second factor that allowed a short password may be gone, or this session.
            raise Unauthenticated
        await store.set_password_hash(connection, who.user_id, password_hash, alone=service.stands_alone(chosen))
        await credentials.changed(connection, who.user_id, keep_session=who.session_id)
        await letters.security(connection, Kind.PASSWORD_CHANGED, user, who.origin)
        await audit.record(connection, desk.actor(who.user_id, who.origin), "user.password", show("usr", who.user_id))
