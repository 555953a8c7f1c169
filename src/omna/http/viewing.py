"""What answers in a viewing: a customer's app as somebody of the staff sees it, named by a header of each request.

Everything is refused that does not stand in SHOWN, and whatever is no read, before anybody looks what it is. Then
`access.py` turns the session of the staff into the customer, and lends connections that cannot write.
"""

from fastapi import Request

from omna.errors import ConflictingCredentials, ViewingIsReadOnly

READS = ("GET", "HEAD")
#: The header by which a page of a viewing names it: no other site can send it.
VIEWING = "x-omna-viewing"
_OF_A_WORKSPACE = "/api/workspaces/{workspace}"
#: What can be read in a viewing: no files, no exports, no second factors or sessions, nothing of the console.
SHOWN = frozenset(
    {
        "/api/installation",
        "/api/viewing",
        "/api/account",
        "/api/workspaces",
        _OF_A_WORKSPACE,
        *(
            f"{_OF_A_WORKSPACE}/{rest}"
            for rest in (
                "overview",
                "models",
                "members",
                "invitations",
                "keys",
                "keys/{key}",
                "management-keys",
                "usage",
                "usage/series",
                "usage/requests",
                "usage/requests/{request}",
                "ledger",
                "ledger/lines",
                "ledger/lines/{transfer}",
                "ledger/statements",
                "tickets",
                "tickets/summary",
                "tickets/{ticket}",
                "billing-details",
                "recharge-options",
                "recharges",
                "recharges/{recharge}",
                "recharges/{recharge}/refundable",
                "refunds",
                "refunds/{refund}",
                "disputes",
                "auto-top-up",
            )
        ),
    }
)


def refuse_writes(request: Request) -> None:
    """Refuse whatever is no read in a viewing, before anybody looks what it is. Errors: ViewingIsReadOnly."""
    if VIEWING in request.headers and request.method not in READS:
        raise ViewingIsReadOnly


async def gate(request: Request) -> None:
    """Let a request of a viewing through to what is shown there, and to nothing else; stands before every route.

    Errors  ViewingIsReadOnly, ConflictingCredentials
    """
    if VIEWING not in request.headers:
        return
    refuse_writes(request)
    if "authorization" in request.headers:
        raise ConflictingCredentials("A viewing belongs to a browser: send no key beside it.")
    if getattr(request.scope.get("route"), "path", None) not in SHOWN:
        raise ViewingIsReadOnly


def require_no_viewing(request: Request) -> None:
    """Refuse a route that wants to write, or the pool itself. Errors: ViewingIsReadOnly."""
    if VIEWING in request.headers:
        raise ViewingIsReadOnly
