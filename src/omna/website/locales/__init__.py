"""The words of the pages, one module a language: English is the list of keys, a test compares the others to it."""

from collections.abc import Mapping

from omna.website.locales import en, legal_en, legal_zh, zh
from omna.website.locales.legal import Document

TEXTS: Mapping[str, Mapping[str, str]] = {"en": en.TEXTS, "zh": zh.TEXTS}
LEGAL: Mapping[str, Mapping[str, Document]] = {"en": legal_en.DOCUMENTS, "zh": legal_zh.DOCUMENTS}
