"""Every language says everything, and every key a page asks for exists."""

import re
import string

import pytest

from omna.website.languages import LANGUAGES
from omna.website.locales import TEXTS
from omna.website.site import HERE
from omna.website.texts import Texts

#: A literal key, and what it is put together from: `"footer.theme." + name`.
_KEY = re.compile(r"""\bt(?:\.rich)?\(\s*(["'])([a-z_.]+)\1(\s*[+,)])""")
_COMPLAINT = re.compile(r"""complain\(\s*(?:"[\w-]+"|None),\s*"([a-z_.]+)\"""")


def sources() -> list[str]:
    return [path.read_text() for pattern in ("templates/*", "**/*.py") for path in HERE.glob(pattern)]


def values_of(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_keys_and_values(language: str) -> None:
    assert set(TEXTS[language]) == set(TEXTS["en"])
    for key, text in TEXTS[language].items():
        assert text.strip(), key
        assert values_of(text) == values_of(TEXTS["en"][key]), key


def test_every_key_that_is_asked_for_exists() -> None:
    asked = [match for source in sources() for match in _KEY.findall(source)]
    assert len(asked) > 50
    for _, key, end in asked:
        if end.strip() == "+":
            assert any(one.startswith(key) for one in TEXTS["en"]), key
        else:
            assert key in TEXTS["en"]
    for source in sources():
        assert set(_COMPLAINT.findall(source)) <= set(TEXTS["en"])


def test_every_text_is_asked_for() -> None:
    literal = {key for source in sources() for _, key, _ in _KEY.findall(source)}
    literal |= {key for source in sources() for key in re.findall(r'"([a-z_]+\.[a-z_.]+)"', source)}
    computed = tuple(key for key in literal if key.endswith("."))
    for key in TEXTS["en"]:
        assert key in literal or key.startswith((*computed, "error.", "message.")), key


def test_templates_hold_no_words_of_their_own() -> None:
    for path in HERE.glob("templates/*.html"):
        if path.name == "samples.html":
            continue  # code
        text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", path.read_text(), flags=re.DOTALL)
        text = re.sub(r"""<[^>]*>|[\w-]+="[^"]*\"""", " ", text)
        assert set(re.findall(r"[A-Za-z]{2,}", text)) <= {"Omna", "curl", "Python", "Node", "US"}, path.name
        assert "|safe" not in path.read_text().replace(" ", "")


def test_rich_texts_escape_their_values() -> None:
    texts = Texts("en")
    shown = texts.rich("faq.software.answer", base_url="<b>[x](/y)`")
    assert "<code>&lt;b&gt;[x](/y)`/v1</code>" in shown
