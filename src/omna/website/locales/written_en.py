"""Around what is written in Markdown: the legal texts and the documentation, in English."""

TEXTS = {
    "written.code": "Code",
    "written.table": "Table",
    "written.contents": "On this page",
    "written.operator": "the operator of this address",
    "written.support": "support in your workspace",
    "legal.version": "Version {version}, in force since {since}.",
    "legal.prevails.en": "It is published in English and in Chinese; where the two differ, the English text prevails.",
    "legal.prevails.zh": "It is published in English and in Chinese; where the two differ, the Chinese text prevails.",
    "legal.only.en": "It is published in English only.",
    "legal.only.zh": "It is published in Chinese only.",
}
