"""Terms, privacy notice and refund policy: Omna's own or the operator's, and the version that people agree to."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from omna.config import ConfigError, Legal
from omna.documents.page import Malformed, Page, parse

NAMES = ("terms", "privacy", "refund-policy")
LANGUAGES = ("en", "zh")
#: What people agree to with an account and with an order: one version for both.
_AGREED = ("terms", "refund-policy")
_OURS = Path(__file__).parent / "legal"
_LONGEST_VERSION = 40


@dataclass(frozen=True, slots=True)
class Document:
    """language   that its text is in; another one than was asked for, when there is no translation
    version    the same in every language
    since      from when on it holds
    prevails   the language that counts where two differ
    translated whether there are several
    """

    language: str
    title: str
    lead: str
    version: str
    since: date
    prevails: str
    translated: bool
    body: str


Documents = Mapping[str, Mapping[str, Document]]


def documents(legal: Legal) -> Documents:
    """Return every document by language and name.

    Read once by a process: what it shows and what it writes down as agreed is the same until it ends.
    Errors  ConfigError, which names the file
    """
    return _load(legal.directory)


def terms_version(legal: Legal) -> str:
    """Return the version of the terms and the refund policy that is agreed to now. Errors: ConfigError."""
    return documents(legal)["en"]["terms"].version


@functools.cache
def _load(directory: str) -> Documents:
    found = {name: _versions(directory, name) for name in NAMES}
    for name in _AGREED:
        version = next(iter(found[name].values())).version
        agreed = next(iter(found["terms"].values())).version
        if version != agreed:
            raise ConfigError(
                f"legal.directory: {name} is of version {version!r} and the terms are of version {agreed!r}; people"
                " agree to both at once, so replace both and give them the same version"
            )
    return {
        language: {name: texts.get(language) or next(iter(texts.values())) for name, texts in found.items()}
        for language in LANGUAGES
    }


def _versions(directory: str, name: str) -> dict[str, Document]:
    """Return a document in each language it has: the operator's, else ours."""
    theirs = Path(directory) if directory else None
    if theirs is not None and not theirs.is_dir():
        raise ConfigError(f"legal.directory: there is no directory {directory}")
    places = [place for place in (theirs, _OURS) if place is not None]
    for place in places:
        files = {language: place / language / f"{name}.md" for language in LANGUAGES}
        texts = {language: _read(file) for language, file in files.items() if file.is_file()}
        if texts:
            break
    read = {
        language: _document(language, text, files[language], translated=len(texts) > 1)
        for language, text in texts.items()
    }
    one, *others = read.values()
    for other in others:
        if (other.version, other.since, other.prevails) != (one.version, one.since, one.prevails):
            raise ConfigError(f"{files[other.language]}: version, since and prevails are not those of {one.language}")
    if one.prevails not in read:
        raise ConfigError(f"{files[one.language]}: prevails is {one.prevails!r}, and there is no such text")
    return read


def _read(file: Path) -> Page:
    try:
        return parse(file.read_text("utf-8"))
    except (OSError, UnicodeError, Malformed) as error:
        raise ConfigError(f"{file}: {error}") from None


def _document(language: str, text: Page, file: Path, *, translated: bool) -> Document:
    try:
        version = text.fact("version")
        if len(version) > _LONGEST_VERSION:
            raise Malformed(f"a version has at most {_LONGEST_VERSION} characters")
        return Document(
            language=language,
            title=text.fact("title"),
            lead=text.fact("lead"),
            version=version,
            since=date.fromisoformat(text.fact("since")),
            prevails=text.facts.get("prevails") or language,
            translated=translated,
            body=text.body,
        )
    except ValueError as error:  # Malformed is one, and so is a date that is none
        raise ConfigError(f"{file}: {error}") from None
