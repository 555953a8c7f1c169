"""PURE  What finds a part of a text in SQL."""


def pattern(text: str | None) -> str | None:
    """Return what finds a part of a text, whatever characters are in it; None for nothing."""
    if not text:
        return None
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
