"""The words of the pages, modules of each language: English is the list of keys, a test compares the others to it."""

from collections.abc import Mapping

from omna.website.locales import (
    docs_en,
    docs_zh,
    en,
    faq_en,
    faq_zh,
    landing_en,
    landing_zh,
    models_en,
    models_zh,
    shared_en,
    shared_zh,
    status_en,
    status_zh,
    written_en,
    written_zh,
    zh,
)

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": en.TEXTS
    | landing_en.TEXTS
    | models_en.TEXTS
    | faq_en.TEXTS
    | shared_en.TEXTS
    | written_en.TEXTS
    | docs_en.TEXTS
    | status_en.TEXTS,
    "zh": zh.TEXTS
    | landing_zh.TEXTS
    | models_zh.TEXTS
    | faq_zh.TEXTS
    | shared_zh.TEXTS
    | written_zh.TEXTS
    | docs_zh.TEXTS
    | status_zh.TEXTS,
}
