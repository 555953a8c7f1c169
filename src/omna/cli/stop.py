"""`omna stop` and `omna resume`"""

from typing import Annotated

from cyclopts import Parameter

from omna.cli.output import print_json, print_table
from omna.cli.session import DEFAULTS, Options, session
from omna.clock import iso
from omna.risk import service as risk
from omna.risk.model import Stop

_SCOPES = "all, api, chat, provider:NAME, model:ID, recharge or signup"


async def stop(
    *,
    scope: Annotated[str, Parameter(help=f"What is stopped: {_SCOPES}.")] = "all",
    cut_streams: Annotated[bool, Parameter(negative="", help="End running streams too, within seconds.")] = False,
    reason: Annotated[str, Parameter(help="Why, for staff; kept in the audit log.")],
    message: Annotated[str, Parameter(help="What everybody reads beside what is stopped.")] = "",
    options: Options = DEFAULTS,
) -> None:
    """Refuse new requests; when this returns, no replica admits one any more. Settlements go on."""
    async with session(options) as work, work.connection.transaction():
        await risk.stop(
            work.connection, scope, cut_streams=cut_streams, reason=reason, message=message, actor=work.actor
        )
        in_force = await risk.stops(work.connection)
    _print(in_force, options)


async def resume(
    *,
    scope: Annotated[str, Parameter(help=f"What is resumed: {_SCOPES}.")],
    reason: Annotated[str, Parameter(help="Why; kept in the audit log.")] = "",
    options: Options = DEFAULTS,
) -> None:
    """End the stop of exactly this scope; the others stay in force."""
    async with session(options) as work, work.connection.transaction():
        await risk.resume(work.connection, scope, reason=reason, actor=work.actor)
        in_force = await risk.stops(work.connection)
    _print(in_force, options)


def _print(in_force: list[Stop], options: Options) -> None:
    if options.json:
        print_json(
            {
                "stops": [
                    {
                        "scope": one.scope,
                        "cut_streams": one.cut_streams,
                        "reason": one.reason,
                        "message": one.message,
                        "actor": one.actor,
                        "since": iso(one.since),
                    }
                    for one in in_force
                ]
            }
        )
    elif in_force:
        print_table(
            ("in force", "cuts streams", "since", "by", "reason"),
            ((one.scope, one.cut_streams, one.since, one.actor, one.reason) for one in in_force),
        )
    else:
        print("no stop is in force")
