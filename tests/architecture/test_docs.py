"""Documentation that people rely on is checked against what it speaks of."""

import ast
import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from omna.config import Settings
from omna.worker.schedule import schedule
from tests.harness.handbook import CODE, LINK, PAGES_OF_DOCS, ROOT, anchors, blocks, named
from tools.reference import PAGES, REFERENCE

DECISIONS = ROOT / "docs" / "decisions"


@pytest.mark.parametrize("page", PAGES)
def test_reference_made_from_code_is_up_to_date(page: str) -> None:
    assert (REFERENCE / page).read_text("utf-8") == PAGES[page](), "run: python -m tools.reference"


@pytest.mark.parametrize("path", PAGES_OF_DOCS, ids=named)
def test_links_resolve(path: Path) -> None:
    text = CODE.sub("", path.read_text("utf-8"))
    for link in LINK.findall(text):
        if link.startswith("mailto:"):
            continue
        if re.match(r"https?:", link):
            # Whether it is there is not asked: tests speak to nobody. Plain http is for this machine.
            address = urlsplit(link)
            assert address.hostname, link
            assert address.scheme == "https" or address.hostname == "localhost", link
            continue
        if link.startswith("/") and path.is_relative_to(ROOT / "src"):
            continue  # an address of the site: the tests of its pages follow those
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        assert file.is_relative_to(ROOT), f"{link} leaves the repository"
        assert file.exists(), link
        if anchor:
            assert anchor in anchors(file), link


def test_every_page_of_docs_can_be_reached_from_its_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link).resolve() for link in LINK.findall(index.read_text("utf-8"))}
    pages = {path for path in (ROOT / "docs").rglob("*.md") if path.parent != DECISIONS} - {index}
    assert pages - linked == set()


def test_pages_named_in_code_exist() -> None:
    for path in (ROOT / "src").rglob("*"):
        if path.suffix in {".py", ".sql"}:
            for name in re.findall(r"docs/[\w/-]+\.md", path.read_text("utf-8")):
                assert (ROOT / name).exists(), f"{named(path)} speaks of {name}"


def test_decisions_are_numbered_without_gaps_and_complete() -> None:
    paths = sorted(DECISIONS.glob("*.md"))
    assert [int(path.name[:4]) for path in paths] == list(range(1, len(paths) + 1))
    for path in paths:
        text = path.read_text("utf-8")
        assert re.match(rf"# {path.name[:4]} · .+\n\nStatus: (accepted|superseded by \[)", text), path.name
        for heading in ("## Why", "## Decision", "## What follows"):
            assert heading in text, path.name


def test_decisions_cited_by_number_exist() -> None:
    cited = {
        int(number)
        for path in [ROOT / "pyproject.toml", *(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("*.sql")]
        for number in re.findall(r"ADR (\d{4})", path.read_text("utf-8"))
    }
    assert cited <= {int(path.name[:4]) for path in DECISIONS.glob("*.md")}


@pytest.mark.parametrize("path", [path for path in PAGES_OF_DOCS if blocks(path, "python")], ids=named)
def test_python_in_docs_compiles(path: Path) -> None:
    for block in blocks(path, "python"):
        ast.parse(block)


def test_every_make_target_in_docs_exists() -> None:
    rules = re.findall(r"^([a-z ]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    targets = {target for rule in rules for target in rule.split()}
    for path in PAGES_OF_DOCS:
        commands = re.findall(r"`make ([a-z]+)`", path.read_text("utf-8"))
        commands += re.findall(r"^\s*make ([a-z]+)", "".join(blocks(path, "sh")), re.MULTILINE)
        assert set(commands) <= targets, named(path)


def test_jobs_in_docs_are_the_jobs_that_run() -> None:
    jobs = schedule(Settings(data=ROOT))
    text = (ROOT / "docs" / "operations" / "running.md").read_text("utf-8")
    section = text.partition("## Jobs")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE) == [job.name for job in jobs]


def test_import_table_of_the_architecture_is_the_contract() -> None:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    [layers] = [
        contract["layers"] for contract in configuration["tool"]["importlinter"]["contracts"] if "layers" in contract
    ]
    drawing = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("```\n")[2].partition("```")[0]
    rows = [set(re.findall(r"[a-z]+", line[13:])) for line in drawing.splitlines()]
    assert rows == [set(re.findall(r"[a-z]+", layer)) for layer in layers]


def test_example_key_is_the_placeholder_everywhere() -> None:
    for path in PAGES_OF_DOCS:
        keys = re.findall(r"omna_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}\b", path.read_text("utf-8"))
        assert keys == [], named(path)


def test_first_call_is_the_same_in_every_place() -> None:
    first = [
        " ".join(block.replace("\\\n", " ").split())
        for path in (ROOT / "README.md", ROOT / "docs" / "start" / "first-answer.md")
        for block in blocks(path, "sh")
        if "curl" in block
    ]
    assert len(first) == 2
    assert first[0] == first[1]
    for part in ("http://localhost:5108/v1/chat/completions", "openrouter-free", "Plan my AI workflow"):
        assert part in first[0]


def test_documents_named_in_code_are_in_the_repository() -> None:
    names = {path.name for path in PAGES_OF_DOCS} | {path.name for path in ROOT.glob("benchmarks/**/*.md")}
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("*.sql"), *PAGES_OF_DOCS]:
        for name in re.findall(r"\b([\w-]+\.md)\b", path.read_text("utf-8")):
            assert name in names, f"{named(path)} speaks of {name}"
