"""PURE  Where a person may be sent."""

_LONGEST_PATH = 2000


def local_path(text: str | None) -> str | None:
    r"""Return an address on this very site, or None: `/…`, but neither `//…` nor anything with a backslash."""
    if not text or len(text) > _LONGEST_PATH or not text.startswith("/") or text.startswith("//") or "\\" in text:
        return None
    # Browsers drop tabs and line breaks out of addresses, so that "/<tab>/host" would lead elsewhere.
    return text if text.isascii() and text.isprintable() and " " not in text else None
