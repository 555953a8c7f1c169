"""`omna credit` and `omna balance`"""

import sys
from typing import Annotated

from cyclopts import Parameter

from omna.cli.output import credits_or_none, print_facts, print_json
from omna.cli.parse import credits_of, end_of
from omna.cli.session import DEFAULTS, Options, session
from omna.clock import iso
from omna.ids import show
from omna.ledger import service as ledger
from omna.money import format_credits
from omna.risk import manual
from omna.risk.model import FOUR_EYES_THRESHOLD, FOUR_EYES_WINDOW_HOURS
from omna.workspaces import service as workspaces

#: Nothing was booked yet: a second person has to approve in the console.
_WAITS = 3


async def credit(
    id_or_email: Annotated[str, Parameter(help="Workspace id, or the mail address of its owner.")],
    amount: Annotated[
        str, Parameter(name="CREDITS", allow_leading_hyphen=True, help="How many; a minus sign takes them.")
    ],
    /,
    *,
    reason: Annotated[str, Parameter(help="Why; kept in the audit log.")],
    note: Annotated[str, Parameter(help="What the customer reads in the ledger; by default the reason.")] = "",
    promo: Annotated[bool, Parameter(negative="", help="Give promo Credits, spent before paid ones.")] = False,
    expires: Annotated[str | None, Parameter(help="Last day promo Credits can be spent.")] = None,
    options: Options = DEFAULTS,
) -> int:
    """Book a ledger adjustment, or a promo grant; exit 3 when a second person has to approve it first."""
    nanocredits = credits_of(amount, "CREDITS")
    async with session(options) as work, work.connection.transaction():
        workspace = await workspaces.find(work.connection, id_or_email)
        given = await manual.give_credits(
            work.connection,
            workspace.workspace_id,
            nanocredits,
            reason=reason,
            note=note,
            actor=work.actor,
            promo=promo,
            expires_at=end_of(expires, "--expires"),
        )
        wallet = await ledger.wallet(work.connection, workspace.workspace_id)
    waits = given.state == "open"
    if given.alone:
        print(
            "omna: this is above the four-eyes threshold and went through because nobody else could approve it; "
            "it is marked in the audit log",
            file=sys.stderr,
        )
    if waits:
        print(
            f"omna: more than {format_credits(FOUR_EYES_THRESHOLD)} Credits in {FOUR_EYES_WINDOW_HOURS} hours need a "
            "second person, so nothing is booked yet: another owner or finance member approves it under Credits in "
            f"the console until {iso(given.expires_at)}",
            file=sys.stderr,
        )
    facts = {
        "workspace": show("ws", workspace.workspace_id),
        "state": "waiting" if waits else "booked",
        "proposal": show("prp", given.proposal_id),
        "transfer": None if given.transfer_id is None else str(given.transfer_id),
        "amount": format_credits(given.amount),
        "available": format_credits(wallet.available),
        "without_second_person": given.alone,
    }
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)
    return _WAITS if waits else 0


async def balance(
    id_or_email: Annotated[str, Parameter(help="Workspace id, or the mail address of its owner.")],
    /,
    *,
    options: Options = DEFAULTS,
) -> None:
    """Print what a workspace can spend, holds for running requests, and owes."""
    async with session(options) as work:
        workspace = await workspaces.find(work.connection, id_or_email)
        wallet = await ledger.wallet(work.connection, workspace.workspace_id)
    facts = {
        "workspace": show("ws", workspace.workspace_id),
        "name": workspace.name,
        "balance": format_credits(wallet.balance),
        "available": format_credits(wallet.available),
        "available_paid": format_credits(wallet.available_paid),
        "available_promo": format_credits(wallet.available_promo),
        "held": format_credits(wallet.held),
        "debt": format_credits(-wallet.debt),
        "refund_pending": format_credits(wallet.refund_pending),
        "daily_limit": credits_or_none(workspace.binding_daily_limit),
        "frozen": workspace.frozen_reason,
    }
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)
