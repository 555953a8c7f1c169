"""/api/console/announcements: what owners tell everybody."""

from typing import Annotated, Any

from fastapi import Path

from omna.announcements import service
from omna.announcements.service import Announcement, Wish
from omna.audit.acting import Act
from omna.console.announcement_schemas import AnnouncementActed, AnnouncementOut, AnnouncementWish
from omna.http.access import Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import show

router = Router(prefix="/api/console/announcements", tags=["console"])

Onlooker = Annotated[Person, StaffCan(StaffRight.SEE)]
Owner = Annotated[Person, StaffCan(StaffRight.OWN)]
AnnouncementPath = Annotated[str, Path(description="The announcement: `ann_…`")]


@router.get("")
async def list_announcements(who: Onlooker, connection: Reading) -> list[AnnouncementOut]:
    """Return the last announcements, newest first, those that are over, too."""
    return [AnnouncementOut(**_facts(one)) for one in await service.newest(connection)]


@router.post("", status_code=201)
async def create_announcement(body: AnnouncementWish, who: Owner, connection: Work, act: Act) -> AnnouncementActed:
    """Tell everybody something."""
    made, seq = await service.announce(connection, _wish(body), reason=body.reason, actor=act(who))
    return AnnouncementActed(**_facts(made), audit_seq=seq)


@router.put("/{announcement}")
async def change_announcement(
    announcement: AnnouncementPath, body: AnnouncementWish, who: Owner, connection: Work, act: Act
) -> AnnouncementActed:
    """Say it differently, at other times, or with `active: false` not any more."""
    announcement_id = id_in_address(announcement, "ann", "announcement")
    changed, seq = await service.change(connection, announcement_id, _wish(body), reason=body.reason, actor=act(who))
    return AnnouncementActed(**_facts(changed), audit_seq=seq)


def _wish(body: AnnouncementWish) -> Wish:
    return Wish(body.kind, body.text_en, body.text_zh, body.starts_at, body.ends_at, body.active)


def _facts(one: Announcement) -> dict[str, Any]:
    return {
        "id": show("ann", one.announcement_id),
        "kind": one.kind,
        "text_en": one.text_en,
        "text_zh": one.text_zh,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "active": one.active,
        "current": one.current,
        "created_by": one.created_by,
        "created_at": one.created_at,
    }
