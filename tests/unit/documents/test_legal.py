"""What people agree to: Omna's texts or the operator's, complete, and of one version."""

import re
import shutil
from pathlib import Path

import pytest

from omna.config import ConfigError, Legal
from omna.documents import legal
from omna.documents.legal import documents, terms_version
from omna.documents.rendering import Look, render


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(Path(legal.__file__).parent / "legal", tmp_path / "mine")
    return tmp_path / "mine"


def change(path: Path, pattern: str, by: str) -> None:
    path.write_text(re.sub(pattern, by, path.read_text("utf-8"), flags=re.MULTILINE), "utf-8")


def test_both_languages_have_the_same_sections() -> None:
    look = Look("", "", "", "")
    for name in legal.NAMES:
        english, chinese = (documents(Legal())[language][name] for language in legal.LANGUAGES)
        anchors = [[one.anchor for one in render(text.body, look).sections] for text in (english, chinese)]
        assert anchors[0] == anchors[1], name
        assert len(anchors[0]) == len(set(anchors[0])) > 5
        assert english.since.isoformat().startswith(english.version)


def test_an_operator_replaces_texts_and_whoever_agrees_agrees_to_theirs(folder: Path) -> None:
    for language in legal.LANGUAGES:
        (folder / language / "privacy.md").unlink()
        for name in ("terms", "refund-policy"):
            change(folder / language / f"{name}.md", "^version: .*", "version: acme 3")
    change(folder / "en" / "terms.md", "^title: .*", "title: Terms of Acme")
    theirs = Legal(str(folder))
    assert terms_version(theirs) == "acme 3"
    assert documents(theirs)["en"]["terms"].title == "Terms of Acme"
    assert documents(theirs)["en"]["privacy"] == documents(Legal())["en"]["privacy"]


def test_a_text_in_one_language_is_shown_in_the_other_too(folder: Path) -> None:
    (folder / "en" / "privacy.md").unlink()
    change(folder / "zh" / "privacy.md", "^prevails: .*", "prevails: zh")
    shown = documents(Legal(str(folder)))["en"]["privacy"]
    assert (shown.language, shown.translated) == ("zh", False)


@pytest.mark.parametrize(
    ("file", "pattern", "by", "said"),
    [
        ("en/terms.md", "^version: .*", "version: 2", "version, since and prevails are not those"),
        ("zh/terms.md", "^since: .*", "since: yesterday", "zh/terms.md"),
        ("zh/privacy.md", "^title: .*", "", "zh/privacy.md"),
        ("en/privacy.md", "^prevails: .*", "prevails: fr", "prevails"),
        ("en/privacy.md", "^---", "***", "first line"),
        ("en/privacy.md", "^version: .*", "version: " + "x" * 41, "40"),
    ],
)
def test_a_text_that_cannot_be_used_is_named(folder: Path, file: str, pattern: str, by: str, said: str) -> None:
    change(folder / file, pattern, by)
    with pytest.raises(ConfigError, match=re.escape(said)):
        documents(Legal(str(folder)))


def test_terms_and_refund_policy_have_one_version(folder: Path) -> None:
    for language in legal.LANGUAGES:
        change(folder / language / "terms.md", "^version: .*", "version: 2")
    with pytest.raises(ConfigError, match="agree to both at once"):
        documents(Legal(str(folder)))
    with pytest.raises(ConfigError, match="no directory"):
        documents(Legal(str(folder / "none")))
