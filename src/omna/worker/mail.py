"""Jobs that send what the outbox holds, and keep it from holding more than it must."""

from collections.abc import Awaitable, Callable

from omna.config import Settings
from omna.db.pool import borrow
from omna.ids import show
from omna.jobs.periodic import Pool
from omna.mail import service as mail
from omna.mail.outcome import Verdict
from omna.mail.rendering import site_of
from omna.mail.smtp import Courier, SmtpServer, message_of, sender_of, server_of
from omna.observability.logs import get_logger

logger = get_logger(__name__)

#: Mails of one turn: what is left comes a few seconds later, perhaps to another worker.
TURN = 200


def send_mails(settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job that sends mails that are due. Errors: ConfigError for a mail server or sender that is none."""
    return sending(server_of(settings.mail), settings)


def sending(server: SmtpServer | None, settings: Settings) -> Callable[[Pool], Awaitable[None]]:
    """Return the job for one mail server; without one, mails are kept for the operator."""
    sender = sender_of(settings.mail)
    site = site_of(settings)

    async def keep(pool: Pool) -> None:
        async with borrow(pool) as connection:
            kept = await mail.keep_all(connection)
        if kept:
            logger.info("mails kept, there is no mail server", mails=kept)

    async def send(pool: Pool) -> None:
        assert server is not None
        async with Courier(server) as courier:
            for _ in range(TURN):
                # No connection to the database is held while the mail server thinks.
                async with borrow(pool) as connection:
                    due = await mail.claim(connection)
                if due is None:
                    return
                outcome = await courier.send(message_of(due, sender, site))
                async with borrow(pool) as connection:
                    await mail.settle(connection, due, outcome)
                fields = {"mail": show("mail", due.mail_id), "kind": due.kind, "attempt": due.attempts}
                if outcome.verdict is Verdict.SENT:
                    logger.info("mail sent", **fields)
                else:
                    # The server's words may name the address; they are in the outbox.
                    logger.warning("mail not sent", verdict=str(outcome.verdict), **fields)
                if outcome.verdict is Verdict.UNREACHABLE:
                    return

    return keep if server is None else send


async def sweep_outbox(pool: Pool) -> None:
    """Take away the text of mails whose links have ended, and delete what is old."""
    async with borrow(pool) as connection:
        texts, mails = await mail.sweep(connection)
    if texts or mails:
        logger.info("outbox swept", texts=texts, mails=mails)
