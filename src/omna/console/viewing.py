"""/api/console/viewings and /api/viewing: a customer's app as they see it, read-only, for an hour at most."""

from typing import Annotated

from fastapi import Path
from pydantic import Field

from omna.accounts import viewing
from omna.accounts.viewing import Viewing
from omna.audit.acting import Act
from omna.http.access import Confirm, Reading, SignedIn, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import Acted, Input, Moment, Output, Reason, Text
from omna.ids import UserId, ViewingId, show

router = Router(tags=["console"])

Owner = Annotated[Person, StaffCan(StaffRight.OWN)]


class ViewedPerson(Output):
    """Whose app is viewed."""

    id: str
    name: str
    email: str


class ViewingFacts(Output):
    """Somebody of the staff sees the app as a customer does."""

    id: str = Field(description="`vw_…`: the pages of the viewing are below `/console/view/{id}`.")
    user: ViewedPerson
    staff: str = Field(description="The name of who looks.")
    reason: str
    started_at: Moment
    ends_at: Moment


class ViewingBegun(ViewingFacts, Acted):
    """A viewing that has just begun."""


class ViewingWish(Input):
    """Whom to see the app as."""

    user: Annotated[Text, Field(max_length=40, description="`usr_…`; nobody of the staff.")]
    reason: Reason


class ViewingEnded(Output):
    """A viewing that is over."""

    audit_seq: int | None = Field(description="Its row in the audit log; null when it was over before.")


@router.post("/api/console/viewings", status_code=201)
async def begin_viewing(body: ViewingWish, who: Owner, connection: Work, confirm: Confirm, act: Act) -> ViewingBegun:
    """See the app as a customer does, after a step-up for `user.view`; what was viewed before in this session ends."""
    user_id = UserId(id_in_address(body.user, "usr", "person"))
    await confirm(connection, who, "user.view", show("usr", user_id))
    begun, seq = await viewing.begin(connection, who, user_id, reason=body.reason, actor=act(who))
    return ViewingBegun(**_facts(begun).model_dump(), audit_seq=seq)


@router.post("/api/console/viewings/{viewing_id}/end")
async def end_viewing(
    viewing_id: Annotated[str, Path(description="The viewing: `vw_…`")], who: Owner, connection: Work, act: Act
) -> ViewingEnded:
    """End a viewing; one that is over already is no error."""
    found = ViewingId(id_in_address(viewing_id, "vw", "viewing"))
    return ViewingEnded(audit_seq=await viewing.end(connection, who, found, actor=act(who)))


@router.get("/api/viewing")
async def get_viewing(who: SignedIn, connection: Reading) -> ViewingFacts | None:
    """Return whose app is viewed, by whom and until when; null outside a viewing."""
    if who.viewing_id is None:
        return None
    return _facts(await viewing.find(connection, who))


def _facts(found: Viewing) -> ViewingFacts:
    return ViewingFacts(
        id=show("vw", found.viewing_id),
        user=ViewedPerson(id=show("usr", found.user_id), name=found.user_name, email=found.user_email),
        staff=found.staff_name,
        reason=found.reason,
        started_at=found.started_at,
        ends_at=found.ends_at,
    )
