"""`omna ledger …`"""

from typing import Annotated

from cyclopts import App, Parameter

from omna.audit import service as audit
from omna.cli.output import print_json, print_table
from omna.cli.session import DEFAULTS, Options, session
from omna.cli.statement import statement
from omna.clock import iso
from omna.errors import InvalidValue
from omna.ids import show
from omna.ledger import service as ledger
from omna.money import format_credits
from omna.worker.books import check_books
from omna.workspaces import service as workspaces

app = App(name="ledger", help="Statements, and the proof that the books are right.")


@app.command(name="list")
async def list_(
    id_or_email: Annotated[str, Parameter(help="Workspace id, or the mail address of its owner.")],
    /,
    *,
    limit: Annotated[int, Parameter(help="How many bookings, newest first.")] = 50,
    options: Options = DEFAULTS,
) -> None:
    """Print what was booked on a workspace, newest first, with the balances after each line."""
    if not 0 < limit <= 10_000:
        raise InvalidValue("--limit is a number from 1 to 10,000.", param="limit")
    async with session(options) as work:
        async with work.connection.transaction(isolation="repeatable_read", readonly=True):
            workspace = await workspaces.find(work.connection, id_or_email)
            wallet = await ledger.wallet(work.connection, workspace.workspace_id)
            history = await ledger.history(work.connection, workspace.workspace_id, limit=limit)
        async with work.connection.transaction():
            await audit.record(work.connection, work.actor, "ledger.read", show("ws", workspace.workspace_id))
    lines = statement(wallet, history)
    if options.json:
        print_json(
            {
                "workspace": show("ws", workspace.workspace_id),
                "available": format_credits(wallet.available),
                "held": format_credits(wallet.held),
                "lines": [
                    {
                        "seq": line.seq,
                        "booked_at": iso(line.booked_at),
                        "what": line.what,
                        "amount": format_credits(line.amount),
                        "available": format_credits(line.available),
                        "held": format_credits(line.held),
                        "kind": line.transfer.kind,
                        "transfer": str(line.transfer.transfer_id),
                        "request": None if line.transfer.hold_id is None else show("req", line.transfer.hold_id),
                        "actor": line.transfer.actor,
                        "reason": line.transfer.reason,
                        "entries": [
                            {
                                "account": entry.account,
                                "amount": format_credits(entry.amount),
                                "balance_after": None
                                if entry.balance_after is None
                                else format_credits(entry.balance_after),
                            }
                            for entry in line.transfer.entries
                        ],
                    }
                    for line in lines
                ],
            }
        )
        return
    print_table(
        ("#", "time", "what", "Credits", "available", "held", "for"),
        (
            (
                line.seq,
                iso(line.booked_at),
                line.what.replace("_", " "),
                ("+" if line.amount > 0 else "") + format_credits(line.amount),
                format_credits(line.available),
                format_credits(line.held),
                line.transfer.reason
                or (show("req", line.transfer.hold_id) if line.transfer.hold_id is not None else None),
            )
            for line in lines
        ),
        numbers=("#", "Credits", "available", "held"),
    )


@app.command
async def verify(*, options: Options = DEFAULTS) -> int:
    """Check every invariant of the books; exit 1 and the broken rows when one fails. The console shows them."""
    async with session(options) as work:
        # The whole ledger is read: the limit for a request's statement is not for this.
        await work.connection.execute("SET statement_timeout = 0")
        findings = await check_books(work.connection)
    if options.json:
        print_json(
            {
                "ok": not findings,
                "findings": [
                    {
                        "invariant": finding.invariant,
                        "sentence": finding.sentence,
                        "subject": finding.subject,
                        "detail": finding.detail,
                    }
                    for finding in findings
                ],
            }
        )
    elif findings:
        print_table(
            ("invariant", "what must hold", "broken at", "detail"),
            ((finding.invariant, finding.sentence, finding.subject, finding.detail) for finding in findings),
        )
    else:
        print("the ledger is right: every invariant holds")
    return 1 if findings else 0
