"""Bodies of /api about uploads."""

from pydantic import Field

from omna.http.values import Output


class UploadRow(Output):
    """A file that was handed in."""

    id: str
    name: str
    type: str = Field(description="Its media type, decided by its content.")
    size: int = Field(description="Bytes.")
    sha256_prefix: str = Field(description="The first 12 hex digits of its SHA-256.")
