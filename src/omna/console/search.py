"""/api/console/search: one box that finds anything somebody quotes."""

from typing import Annotated, Literal

from pydantic import Field

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.console import finding, privacy
from omna.console.finding import Hit
from omna.http.access import StaffCan, Work
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import Input, Output, Text
from omna.ids import show

router = Router(prefix="/api/console/search", tags=["console"])

HitKind = Literal[
    "user",
    "workspace",
    "key",
    "management_key",
    "recharge",
    "refund",
    "dispute",
    "ticket",
    "event",
    "request",
    "ledger_line",
]

_PREFIXES: dict[str, str] = {
    "user": "usr",
    "workspace": "ws",
    "key": "key",
    "management_key": "mgk",
    "recharge": "rch",
    "refund": "rfd",
    "dispute": "dsp",
    "ticket": "tkt",
    "event": "evt",
    "request": "req",
    "ledger_line": "tr",
}
#: Where each kind has a page of its own in the console; the others are shown on the page of their workspace.
_PAGES = {
    "user": "users",
    "workspace": "workspaces",
    "recharge": "recharges",
    "refund": "refunds",
    "dispute": "disputes",
    "ticket": "support",
    "event": "payments",
}
_MOST = 20


class Sought(Input):
    """What to find. In a body: what people quote is nothing for addresses, which servers write down."""

    q: Annotated[Text, Field(min_length=2, max_length=200)]


class SearchHit(Output):
    """Something that was found."""

    kind: HitKind
    id: str
    title: str = Field(description="Address, name, reference or model; personal data masked by role.")
    detail: str
    path: str = Field(description="Its page below /console.")


class SearchResults(Output):
    """What was found, at most 20 things."""

    items: list[SearchHit]
    more: bool = Field(description="There is more; say it more exactly.")
    key_exposed: bool = Field(description="A whole key was typed: whoever saw it can use it. It should be revoked.")


@router.post("")
async def search(
    body: Sought, who: Annotated[Person, StaffCan(StaffRight.SEE)], connection: Work, act: Act
) -> SearchResults:
    """Find by part of an address, any id, the last characters of a key, or a reference. Each search is on record."""
    found = await finding.find(connection, body.q)
    items = [_hit(one, who) for one in found.hits]
    # What was typed may be personal, or a secret: what it led to says enough.
    await audit.record(
        connection, act(who), "console.search", found.by, after={"found": [one.id for one in items[:_MOST]]}
    )
    return SearchResults(items=items[:_MOST], more=len(items) > _MOST, key_exposed=found.exposed)


def _hit(one: Hit, who: Person) -> SearchHit:
    identifier = show(_PREFIXES[one.kind], one.identifier)
    if one.kind in _PAGES:
        path = f"/{_PAGES[one.kind]}/{identifier}"
    else:
        assert one.workspace_id is not None, "what has no page belongs to a workspace"
        path = f"/workspaces/{show('ws', one.workspace_id)}?{one.kind}={identifier}"
    return SearchHit(
        kind=one.kind,  # type: ignore[arg-type]
        id=identifier,
        title=privacy.text(who, one.title),
        detail=privacy.text(who, one.detail),
        path=path,
    )
