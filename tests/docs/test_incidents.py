"""Playbooks are read when nobody has time: each has its five parts, and what it tells to look for exists."""

import re
from functools import cache

import pytest

from omna.alerts.words import SENTENCES
from omna.website.error_list import errors
from tests.harness.handbook import CODE, PAGES_OF_DOCS, ROOT, anchors, named

INCIDENTS = ROOT / "docs" / "operations" / "incidents.md"
PARTS = ("Notice", "Now", "Over when", "Customers see", "Afterwards")
PLAYBOOKS = dict(
    section.split("\n", 1) for section in re.split(r"^## ", INCIDENTS.read_text("utf-8"), flags=re.MULTILINE)[1:]
)


@cache
def source() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "src" / "omna").rglob("*.py")))


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_a_playbook_has_its_parts_in_their_order(name: str) -> None:
    found = re.findall(r"^\*\*(\w+(?: \w+)?)\b", PLAYBOOKS[name], re.MULTILINE)
    assert [part for part in dict.fromkeys(found) if part in PARTS] == list(PARTS)


def test_every_playbook_is_found_from_the_top() -> None:
    top = INCIDENTS.read_text("utf-8").partition("\n## ")[0]
    assert set(re.findall(r"\]\(#([\w-]+)\)", top)) == anchors(INCIDENTS) - {"when-something-is-wrong"}


def test_lines_of_the_log_in_playbooks_are_written_by_something() -> None:
    for sentence in re.split(r"[.;]\s", CODE.sub("", INCIDENTS.read_text("utf-8"))):
        if re.search(r"log\s+lines? ", sentence):
            after = re.split(r"log\s+lines? ", sentence)[1]
            for line in re.findall(r"`([^`]+)`", after):
                assert f'"{" ".join(line.split())}"' in source() or "." in line or "/" in line, line


def test_alerts_in_operations_exist() -> None:
    groups = {kind.partition(".")[0] for kind in SENTENCES}
    for path in (ROOT / "docs" / "operations").glob("*.md"):
        for sentence in re.split(r"\.\s|\n\n", CODE.sub("", path.read_text("utf-8"))):
            if re.search(r"\b[Aa]lerts? `", sentence):
                for kind in re.findall(r"`([a-z]+\.[a-z_]+)`", sentence):
                    assert kind in SENTENCES or kind == "risk.acted" or kind.partition(".")[0] not in groups, (
                        f"{named(path)}: {kind}"
                    )


def test_codes_of_errors_in_docs_exist() -> None:
    known = {(str(one.status), one.code) for one in errors()}
    codes = {code for _, code in known}
    wrong = {
        f"{named(path)}: {status} {code}"
        for path in PAGES_OF_DOCS
        for status, code in re.findall(r"\b([45]\d\d) `([a-z_]+)`", path.read_text("utf-8"))
        if (code not in codes if path != INCIDENTS else (status, code) not in known)
    }
    assert wrong == set()


def test_pages_of_the_console_in_docs_exist() -> None:
    table = (ROOT / "web" / "src" / "console" / "pages.ts").read_text("utf-8")
    known = set(re.findall(r'path: "([a-z-]+)"', table)) | {"view", "search"}
    wrong = {
        f"{named(path)}: /console/{page}"
        for path in PAGES_OF_DOCS
        for page in re.findall(r"`/console/([a-z-]+)", path.read_text("utf-8"))
        if page not in known
    }
    assert wrong == set()
