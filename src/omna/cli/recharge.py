"""`omna recharge …`"""

from typing import Annotated, Any

from cyclopts import App, Parameter

from omna.audit import service as audit
from omna.cli.failures import CommandError
from omna.cli.output import moment_or_none, print_facts, print_json, print_table
from omna.cli.session import DEFAULTS, Options, session
from omna.ids import RechargeId, parse, show
from omna.money import format_credits
from omna.payments.recharges import desk
from omna.payments.recharges.desk import Case
from omna.payments.recharges.model import State, sought
from omna.payments.recharges.quote import format_minor

app = App(name="recharge", help="Orders of Credits. They are decided in the console.")


@app.command(name="list")
async def list_(
    *,
    state: Annotated[str | None, Parameter(help="Only this state; without it, what waits for a review.")] = None,
    every: Annotated[bool, Parameter(name="--all", negative="", help="Every state.")] = False,
    find: Annotated[str | None, Parameter(help="An id, a reference, or an address.")] = None,
    limit: Annotated[int, Parameter(help="How many.")] = 50,
    options: Options = DEFAULTS,
) -> None:
    """Show orders: what waits for a review, the longest waiting first; others newest first."""
    if state is not None and (every or state not in [*State]):
        raise CommandError(f"--state is one of {', '.join(State)}; --all is every one")
    async with session(options) as work:
        if state is None and not every:
            cases = await desk.queue(work.connection, sought(find), None, limit)
        else:
            states = None if state is None else [state]
            cases = await desk.search(work.connection, states, sought(find), None, limit)
    if options.json:
        print_json([_facts(case) for case in cases])
    else:
        columns = ("recharge", "reference", "state", "credits", "total", "workspace", "flag")
        print_table(columns, ([_facts(case)[name] for name in columns] for case in cases), numbers=("credits", "total"))


@app.command(name="show")
async def show_(
    recharge: Annotated[str, Parameter(name="ID", help="`rch_…`, as in the list.")], /, *, options: Options = DEFAULTS
) -> None:
    """Show an order with its steps and payments. That it was read is in the audit log."""
    try:
        recharge_id = RechargeId(parse(recharge, "rch"))
    except ValueError as error:
        raise CommandError(str(error)) from None
    async with session(options) as work, work.connection.transaction():
        file = await desk.file(work.connection, recharge_id)
        await audit.record(work.connection, work.actor, "recharge.read", show("rch", recharge_id))
    facts = _facts(file.case)
    steps = [{"at": moment_or_none(one.at), "step": one.step, "by": one.actor} for one in file.detail.timeline]
    payments = [
        {
            "payment": row["payment_id"],
            "amount": format_minor(row["amount_minor"], row["currency"]),
            "credits": format_credits(row["credits"]),
            "transfer": show("tr", row["payment_key"]),
        }
        for row in file.detail.payments
    ]
    warnings = [f"{one.kind} {show('rch', one.other.recharge_id)}" for one in file.warnings]
    if options.json:
        print_json({**facts, "steps": steps, "payments": payments, "warnings": warnings})
    else:
        print_facts(
            {
                **facts,
                **{f"{one['at']}": f"{one['step']} by {one['by']}" for one in steps},
                **{f"payment {one['payment']}": f"{one['amount']}, {one['credits']} Credits" for one in payments},
                **{f"warning {number}": text for number, text in enumerate(warnings, 1)},
            }
        )


def _facts(case: Case) -> dict[str, Any]:
    recharge = case.recharge
    return {
        "recharge": show("rch", recharge.recharge_id),
        "reference": recharge.reference,
        "state": recharge.shown_state,
        "channel": recharge.channel,
        "credits": format_credits(recharge.credits),
        "bonus": format_credits(recharge.bonus),
        "total": format_minor(recharge.total_minor, recharge.currency),
        "workspace": show("ws", recharge.workspace_id),
        "email": case.email,
        "payer_reference": recharge.payer_words,
        "created_at": moment_or_none(recharge.created_at),
        "submitted_at": moment_or_none(recharge.submitted_at),
        "credited_at": moment_or_none(recharge.credited_at),
        "flag": recharge.flag,
    }
