"""`omna audit …`"""

from cyclopts import App

from omna.audit import service as audit
from omna.cli.output import print_json, print_table
from omna.cli.session import DEFAULTS, Options, session
from omna.vault import service as vault

app = App(name="audit", help="The audit log.")


@app.command
async def verify(*, options: Options = DEFAULTS) -> int:
    """Check that no row of the audit log was changed, removed or slipped in; exit 1 when one was."""
    async with session(options) as work:
        await work.connection.execute("SET statement_timeout = 0")
        findings = await audit.verify(work.connection, await vault.audit_keys(work.connection, work.keyring))
    if options.json:
        print_json(
            {
                "ok": not findings,
                "findings": [{"seq": finding.seq, "problem": finding.problem} for finding in findings],
            }
        )
    elif findings:
        print_table(("row", "problem"), ((finding.seq, finding.problem) for finding in findings), numbers=("row",))
    else:
        print("the audit log is whole: every row is sealed and none is missing")
    return 1 if findings else 0
