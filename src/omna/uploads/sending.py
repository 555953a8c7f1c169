"""Send a file that somebody else made: to be saved, never to be shown as a page of ours."""

from urllib.parse import quote

from starlette.responses import Response

from omna.ids import show
from omna.uploads.model import Upload
from omna.uploads.schemas import UploadRow


def sent(upload: Upload, data: bytes) -> Response:
    """Return the answer that carries a file: a fixed type, an attachment, and no right to do anything."""
    ending = upload.name.rpartition(".")[2]
    plain = f"{show('upl', upload.upload_id)}.{ending}"
    return Response(
        data,
        headers={
            "content-type": upload.media_type,
            "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(upload.name, safe='')}",
            "content-security-policy": "sandbox; default-src 'none'",
            "x-content-type-options": "nosniff",
            "cross-origin-resource-policy": "same-origin",
            "cache-control": "no-store",
        },
    )


def row_of(upload: Upload) -> UploadRow:
    """Return a file as a body."""
    return UploadRow(
        id=show("upl", upload.upload_id),
        name=upload.name,
        type=upload.media_type,
        size=upload.size,
        sha256_prefix=upload.sha256.hex()[:12],
    )
