"""/api/account: the person who is signed in, how they sign in, and where."""

from typing import Annotated, cast

from fastapi import Path

from omna.accounts import (
    factor_store,
    passkeys,
    password_change,
    profile,
    schemas,
    service,
    sessions,
    step_up,
    totp,
    user_agent,
    verification,
)
from omna.accounts.desk import AtDesk, Desk
from omna.accounts.model import User
from omna.accounts.profile import Change
from omna.db.pool import Connection, transaction
from omna.errors import NotFound
from omna.http.access import Confirm, EvenFrozen, Reading, SignedIn, Work
from omna.http.router import Router
from omna.ids import SessionId, UserId, parse, show
from omna.mail import kinds

router = Router(prefix="/api", tags=["account"])


@router.get("/account")
async def get_account(who: SignedIn, connection: Reading, desk: AtDesk) -> schemas.Profile:
    """Return the person who is signed in."""
    return await _profile(connection, desk, await service.get(connection, who.user_id))


@router.patch("/account")
async def change_account(
    body: schemas.ProfileChange, who: EvenFrozen, connection: Work, desk: AtDesk
) -> schemas.Profile:
    """Change name, language, theme, zone or notifications. `null` as language or zone follows the browser."""
    named = body.model_dump(include=body.model_fields_set - {"notifications"})
    user = await profile.change(connection, desk, who, Change(named, body.notifications or {}))
    return await _profile(connection, desk, user)


@router.post("/account/step-up")
async def prove_identity(body: schemas.StepUpProof, who: EvenFrozen, desk: AtDesk) -> schemas.StepUpDone:
    """Prove that it is still you: the act that asked for it may then be done once, within five minutes."""
    if body.passkey is not None:
        await passkeys.prove(desk, who, body.passkey)
        async with transaction(desk.pool) as connection:
            until = await step_up.grant(connection, who.session_id, body.action, body.target)
    else:
        until = await step_up.prove(desk, who, body.action, body.target, password=body.password, code=body.code)
    return schemas.StepUpDone(expires_at=until)


@router.post("/account/password", status_code=204)
async def change_password(body: schemas.PasswordChange, who: EvenFrozen, desk: AtDesk) -> None:
    """Choose another password, after a step-up for `account.password`. All other sessions end."""
    await password_change.change_password(desk, who, body.password)


@router.post("/account/email")
async def change_email(
    body: schemas.EmailChange, who: SignedIn, connection: Work, desk: AtDesk, confirm: Confirm
) -> schemas.Profile:
    """Take another address, after a step-up for `account.email`; it counts once its link was opened.

    An address that was never verified is corrected without a step-up.
    """
    if who.verified:
        await confirm(connection, who, "account.email")
    await verification.change_email(connection, desk, who.user_id, body.email, origin=who.origin)
    return await _profile(connection, desk, await service.get(connection, who.user_id))


@router.delete("/account/email")
async def cancel_email_change(who: EvenFrozen, connection: Work, desk: AtDesk) -> schemas.Profile:
    """Keep the address as it is."""
    await verification.cancel_change(connection, desk, who.user_id, origin=who.origin)
    return await _profile(connection, desk, await service.get(connection, who.user_id))


@router.post("/account/verification", status_code=202)
async def resend_verification(who: EvenFrozen, connection: Work, desk: AtDesk) -> schemas.Profile:
    """Send the verification mail again."""
    user = await service.get(connection, who.user_id)
    await verification.send(connection, desk, user, origin=who.origin)
    return await _profile(connection, desk, user)


@router.get("/account/sessions")
async def list_sessions(who: SignedIn, connection: Reading) -> list[schemas.SessionRow]:
    """Return where you are signed in, last seen first."""
    return [
        schemas.SessionRow(
            id=show("ses", session.session_id),
            current=session.session_id == who.session_id,
            device=user_agent.describe(session.user_agent),
            address=session.origin,
            created_at=session.created_at,
            last_seen_at=session.last_seen_at,
        )
        for session in await sessions.list_of(connection, who.user_id)
    ]


@router.delete("/account/sessions", status_code=204)
async def end_other_sessions(who: EvenFrozen, connection: Work, desk: AtDesk) -> None:
    """End all sessions but this one."""
    actor = desk.actor(who.user_id, who.origin)
    await sessions.end_others(connection, who.user_id, who.session_id, actor=actor)


@router.delete("/account/sessions/{session}", status_code=204)
async def end_session(
    session: Annotated[str, Path(description="The session: `ses_…`")],
    who: EvenFrozen,
    connection: Work,
    desk: AtDesk,
) -> None:
    """End a session; its next request fails."""
    try:
        session_id = SessionId(parse(session, "ses"))
    except ValueError:
        raise NotFound("There is no such session.") from None
    await sessions.end(connection, who.user_id, session_id, actor=desk.actor(who.user_id, who.origin))


@router.post("/account/totp")
async def begin_totp(who: SignedIn, connection: Work, desk: AtDesk, confirm: Confirm) -> schemas.TotpSetup:
    """Begin to set up an authenticator, after a step-up for `account.totp`. It counts once a code was right."""
    await confirm(connection, who, "account.totp")
    setup = await totp.begin(connection, desk, who)
    return schemas.TotpSetup(secret=setup.secret, uri=setup.uri, qr_svg=setup.qr_svg)


@router.post("/account/totp/confirmation")
async def confirm_totp(body: schemas.TotpCode, who: SignedIn, desk: AtDesk) -> schemas.RecoveryCodes:
    """Show a code of the new authenticator: from here on it counts. All other sessions end."""
    return schemas.RecoveryCodes(codes=await totp.confirm(desk, who, body.code))


@router.delete("/account/totp", status_code=204)
async def remove_totp(who: SignedIn, connection: Work, desk: AtDesk, confirm: Confirm) -> None:
    """Turn the authenticator off, after a step-up for `account.totp`. All other sessions end."""
    await confirm(connection, who, "account.totp")
    await totp.remove(connection, desk, who)


@router.post("/account/recovery-codes")
async def regenerate_codes(who: SignedIn, connection: Work, desk: AtDesk, confirm: Confirm) -> schemas.RecoveryCodes:
    """Make ten new recovery codes, after a step-up for `account.recovery_codes`; those before are void."""
    await confirm(connection, who, "account.recovery_codes")
    return schemas.RecoveryCodes(codes=await totp.regenerate_codes(connection, desk, who))


async def _profile(connection: Connection, desk: Desk, user: User) -> schemas.Profile:
    user_id = UserId(user.user_id)
    pending = await verification.pending_email(connection, user_id)
    waits = pending is not None or not user.verified
    return schemas.Profile(
        id=show("usr", user_id),
        email=user.email,
        email_verified=user.verified,
        pending_email=pending,
        name=user.name,
        language=cast("schemas.Language | None", user.language),
        theme=cast("schemas.Theme", user.theme),
        zone=user.zone,
        staff_role=user.staff_role,
        awaiting_approval=not user.approved,
        frozen=_freeze(user),
        created_at=user.created_at,
        has_password=user.has_password,
        has_totp=await factor_store.totp_is_on(connection, user_id),
        passkeys=len(await passkeys.list_of(connection, desk, user_id)),
        recovery_codes_left=await totp.codes_left(connection, user_id),
        notifications=kinds.preferences(user.notifications),
        verification_resend_at=await verification.next_mail_at(connection, user_id) if waits else None,
    )


def _freeze(user: User) -> schemas.AccountFreeze | None:
    if user.frozen_reason is None or user.frozen_at is None:
        return None
    return schemas.AccountFreeze(reason=user.frozen_reason, since=user.frozen_at, until=user.frozen_until)
