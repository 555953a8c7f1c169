"""PURE  In which language and in which colours a page is shown."""

LANGUAGES = ("en", "zh")
THEMES = ("system", "light", "dark")

#: What a page says of itself: the Chinese is written in simplified characters.
TAGS = {"en": "en", "zh": "zh-Hans"}

_LONGEST_HEADER = 500


def choose_language(chosen: str | None, accepted: str, asked: str | None = None) -> str:
    """Return the language of the address, else the one somebody chose, else the first that their browser prefers.

    accepted    an Accept-Language header
    asked       what the address says: search engines find a page in each language at an address of its own
    """
    if asked in LANGUAGES:
        return asked
    if chosen in LANGUAGES:
        return chosen
    wanted: list[tuple[float, str]] = []
    for item in accepted[:_LONGEST_HEADER].split(","):
        tag, _, parameters = item.strip().partition(";")
        wanted.append((_quality(parameters), tag.strip().lower().partition("-")[0]))
    # Sorting is stable: of equal ones the first named stays first.
    for quality, tag in sorted(wanted, key=lambda pair: -pair[0]):
        if quality > 0 and tag in LANGUAGES:
            return tag
    return LANGUAGES[0]


def choose_theme(chosen: str | None) -> str:
    """Return the colours somebody chose; the system's until then."""
    return chosen if chosen in THEMES else THEMES[0]


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
