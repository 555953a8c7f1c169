"""`omna mail …`"""

from typing import Annotated, Any

from cyclopts import App, Parameter

from omna.audit import service as audit
from omna.cli.failures import CommandError
from omna.cli.output import moment_or_none, print_facts, print_json, print_table
from omna.cli.session import DEFAULTS, Options, session
from omna.ids import parse, show
from omna.mail import service as mail
from omna.mail.rendering import complete, site_of
from omna.mail.service import Mail

app = App(name="mail", help="The outbox: mails that wait, were sent, or are kept.")


@app.command(name="list")
async def list_(
    *,
    to: Annotated[str | None, Parameter(help="Only mails to this address.")] = None,
    limit: Annotated[int, Parameter(help="How many, newest first.")] = 20,
    options: Options = DEFAULTS,
) -> None:
    """Show the newest mails of the outbox."""
    async with session(options) as work:
        mails = await mail.newest(work.connection, to, limit)
    if options.json:
        print_json([_facts(row) for row in mails])
    else:
        columns = ("mail", "created", "state", "to", "subject", "last error")
        print_table(
            columns,
            (
                (show("mail", row.mail_id), row.created_at, row.state, row.recipient, row.subject, row.last_error)
                for row in mails
            ),
        )


@app.command(name="show")
async def show_(
    mail_id: Annotated[str | None, Parameter(name="ID", help="`mail_…`, as in the list.")] = None,
    /,
    *,
    last: Annotated[bool, Parameter(negative="", help="The newest one.")] = False,
    to: Annotated[str | None, Parameter(help="With --last: the newest one to this address.")] = None,
    options: Options = DEFAULTS,
) -> None:
    """Print a mail with its link, so that it can be handed out where there is no mail server."""
    if (mail_id is None) != last or (to is not None and not last):
        raise CommandError("name a mail, or ask for --last, with --to ADDRESS for the newest one to somebody")
    async with session(options) as work, work.connection.transaction():
        if mail_id is None:
            row = next(iter(await mail.newest(work.connection, to, 1)), None)
        else:
            row = await mail.get(work.connection, _id(mail_id))
        if row is None:
            raise CommandError("there is no such mail" if mail_id is not None else "there is no mail yet")
        # Its link may open somebody's account: whoever reads it is on record.
        await audit.record(
            work.connection, work.actor, "mail.read", show("mail", row.mail_id), after={"kind": row.kind}
        )
    text = None if row.text is None else complete(row.text, site_of(work.settings), html=False)
    if options.json:
        page = None if row.html is None else complete(row.html, site_of(work.settings), html=True)
        print_json({**_facts(row), "text": text, "html": page})
    else:
        print_facts({name: value for name, value in _facts(row).items() if value is not None})
        print()
        print(text or "Its text is gone: the mail was delivered, or the link in it has ended.")


def _id(text: str) -> Any:
    try:
        return parse(text, "mail")
    except ValueError as error:
        raise CommandError(str(error)) from None


def _facts(row: Mail) -> dict[str, Any]:
    return {
        "mail": show("mail", row.mail_id),
        "kind": row.kind,
        "to": row.recipient,
        "subject": row.subject,
        "state": row.state,
        "created_at": moment_or_none(row.created_at),
        "sent_at": moment_or_none(row.sent_at),
        "attempts": row.attempts,
        "last_error": row.last_error,
        "link_until": moment_or_none(row.expires_at),
    }
