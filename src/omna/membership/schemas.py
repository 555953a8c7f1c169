"""Bodies of /api about leaving: the export of everything about a person, and the end of their account."""

from typing import Literal

from omna.http.values import Moment, Output


class ExportLink(Output):
    """Where everything about a person can be downloaded, by them alone."""

    id: str
    state: Literal["ready", "making", "expired"]
    url: str | None
    expires_at: Moment | None
