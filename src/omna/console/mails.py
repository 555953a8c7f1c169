"""/api/console/system/mails: the outbox. A mail may hold a link that opens somebody's account."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request

from omna.accounts import service as accounts
from omna.audit import service as audit
from omna.audit.acting import Act
from omna.clock import now
from omna.console import privacy
from omna.console.system_schemas import MailActed, MailRead, MailRow, MailState, SystemAct
from omna.db.pool import Connection
from omna.errors import Forbidden, NotFound
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.paging import Cursor, Limit, Page, cut, decode_moment
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import show
from omna.mail import service as outbox
from omna.mail.rendering import complete, site_of
from omna.mail.service import Mail
from omna.support.model import masked

router = Router(prefix="/api/console/system/mails", tags=["console"])

Operator = Annotated[Person, StaffCan(StaffRight.CONFIGURATION)]
Owner = Annotated[Person, StaffCan(StaffRight.OWN)]
MailPath = Annotated[str, Path(description="The mail: `mail_…`")]


@router.get("")
async def list_mails(
    who: Operator,
    connection: Reading,
    state: Annotated[MailState | None, Query()] = None,
    to: Annotated[str | None, Query(max_length=320, description="The address, whole.")] = None,
    kind: Annotated[str | None, Query(max_length=60)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[MailRow]:
    """Return mails of the outbox, newest first, without their texts."""
    found = await outbox.page(
        connection, state=state, to=to or None, kind=kind or None, before=decode_moment(cursor, "mail"), limit=limit + 1
    )
    rows, following = cut(found, limit, lambda row: (row.created_at.isoformat(), show("mail", row.mail_id)))
    return Page(items=[MailRow(**_facts(row, who)) for row in rows], next_cursor=following)


@router.get("/{mail}")
async def read_mail(
    mail: MailPath, who: Owner, connection: Work, confirm: Confirm, act: Act, http: Request
) -> MailRead:
    """Return a mail with its link, after a step-up for `mail.read`. Each reading is in the audit log.

    What went to others of the staff is theirs: its link would make one person two, and four eyes a pair.
    """
    mail_id = _mail_id(mail)
    await confirm(connection, who, "mail.read", show("mail", mail_id))
    found = await _find(connection, mail_id)
    await _require_no_other_staff(connection, found, who)
    await audit.record(connection, act(who), "mail.read", show("mail", mail_id), after={"kind": found.kind})
    text = None if found.text is None else complete(found.text, site_of(http.app.state.settings), html=False)
    return MailRead(**_facts(found, who), text=text)


@router.post("/{mail}/resend")
async def resend_mail(mail: MailPath, body: SystemAct, who: Owner, connection: Work, act: Act) -> MailActed:
    """Have a mail that was given up or kept sent again, to the same address."""
    mail_id = _mail_id(mail)
    found = await _find(connection, mail_id)
    await outbox.send_again(connection, mail_id)
    seq = await audit.record(
        connection,
        act(who),
        "mail.resend",
        show("mail", mail_id),
        reason=body.reason,
        before={"state": found.state},
        after={"state": "queued"},
    )
    return MailActed(**_facts(await _find(connection, mail_id), who), audit_seq=seq)


def _facts(row: Mail, who: Person) -> dict[str, Any]:
    return {
        "id": show("mail", row.mail_id),
        "kind": row.kind,
        "recipient": row.recipient if StaffRight.OWN in who.staff_rights else masked(row.recipient),
        "subject": privacy.text(who, row.subject),
        "language": row.language,
        "state": row.state,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
        "due_at": row.due_at,
        "expires_at": row.expires_at,
        "attempts": row.attempts,
        # The server's words may name addresses.
        "last_error": None if row.last_error is None else privacy.text(who, row.last_error),
        "again": row.state in ("failed", "kept") and row.text is not None and row.expires_at > now(),
    }


async def _find(connection: Connection, mail_id: UUID) -> Mail:
    found = await outbox.get(connection, mail_id)
    if found is None:
        raise NotFound("There is no such mail.")
    return found


async def _require_no_other_staff(connection: Connection, mail: Mail, who: Person) -> None:
    """Errors: Forbidden for a mail to somebody else of the staff."""
    people = [await accounts.find_by_email(connection, mail.recipient)]
    if mail.user_id is not None:
        people.append(await accounts.find(connection, mail.user_id))
    if any(one is not None and one.staff_role is not None and one.user_id != who.user_id for one in people):
        raise Forbidden("This mail is for somebody else of the staff, and its link may open their account.")


def _mail_id(text: str) -> UUID:
    return id_in_address(text, "mail", "mail")
