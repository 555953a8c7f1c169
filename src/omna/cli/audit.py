"""`omna audit …`"""

from typing import Annotated

from cyclopts import App, Parameter

from omna.audit.model import Head
from omna.cli.output import print_json, print_table
from omna.cli.session import DEFAULTS, Options, session
from omna.errors import InvalidValue
from omna.worker.audit import check_log

app = App(name="audit", help="The audit log.")


@app.command
async def verify(
    *,
    head: Annotated[
        str | None, Parameter(help="A head out of the logs, as NUMBER:SEAL: the row must still have this seal.")
    ] = None,
    options: Options = DEFAULTS,
) -> int:
    """Check that no row of the audit log was changed, removed or slipped in; exit 1 when one was.

    The console shows what was found.
    """
    witness = None if head is None else _parse_head(head)
    async with session(options) as work:
        await work.connection.execute("SET statement_timeout = 0")
        report = await check_log(work.connection, work.keyring, witness=witness)
    if options.json:
        print_json(
            {
                "ok": report.findings == 0,
                "rows": report.rows,
                "findings": [{"seq": finding.seq, "problem": finding.problem} for finding in report.named],
            }
        )
    elif report.findings:
        print_table(("row", "problem"), ((finding.seq, finding.problem) for finding in report.named), numbers=("row",))
        if report.findings > len(report.named):
            print(f"and {report.findings - len(report.named)} more")
    else:
        print(f"the audit log is whole: each of its {report.rows} rows is sealed and none is missing")
    return 1 if report.findings else 0


def _parse_head(text: str) -> Head:
    number, _, digits = text.partition(":")
    try:
        head = Head(int(number), bytes.fromhex(digits))
    except ValueError:
        head = Head(0, b"")
    if head.seq < 1 or len(head.seal) != 32:
        raise InvalidValue("--head is a number and a seal of 64 hex digits, as `1234:0a1b…`.", param="head")
    return head
