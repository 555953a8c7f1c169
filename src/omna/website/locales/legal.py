"""The shape of a document that people agree to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """A title, a first sentence, and sections of one heading and some paragraphs."""

    title: str
    lead: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
