"""What documentation names exists: commands with their options, settings, metrics, addresses."""

import json
import re
from pathlib import Path

import pytest
from cyclopts import App, CycloptsError

from omna.cli import app
from omna.config import Settings, resolved
from tests.harness.handbook import PAGES_OF_DOCS, ROOT, blocks, calls, named, spans
from tools.command_line import commands, is_group, options_of

COMMANDS = dict(commands())
SHELLS = ("sh", "bash", "shell", "console")
OMNA = ("omna",)

#: Names of an environment that belong to examples of clients, or stand for any setting.
EXAMPLES = {"OMNA_API_KEY", "OMNA_MANAGEMENT_KEY", "OMNA_GROUP_FIELD"}
#: Words that begin as metrics do: keys in examples and roles of the database.
NOT_METRICS = {"omna_xxx", "omna_mgmt_xxx", "omna_owner", "omna_runtime"}


def shell_calls(path: Path) -> list[list[str]]:
    first = {words[0] for words in COMMANDS}
    found = [words for language in SHELLS for script in blocks(path, language) for words in calls(script, OMNA)]
    # `useradd omna` and `psql --dbname omna` name something else.
    return [words for words in found if words and (words[0] in first or len(words) > 1)]


@pytest.mark.parametrize("path", [path for path in PAGES_OF_DOCS if shell_calls(path)], ids=named)
def test_commands_of_shell_blocks_are_understood_by_the_command_line(path: Path) -> None:
    for words in shell_calls(path):
        if words[0].startswith("--"):
            continue
        try:
            command, _, _ = app.parse_args(words, exit_on_error=False, print_error=False)
        except CycloptsError as error:
            pytest.fail(f"omna {' '.join(words)}: {error}")
        assert command is not None


def test_commands_named_in_sentences_exist_with_their_options() -> None:
    wrong = [
        f"{named(path)}: `{span}`: {fault}"
        for path in PAGES_OF_DOCS
        # A decision may speak of what was refused, or is no more.
        if path.parent.name != "decisions"
        for span in spans(path)
        if re.match(r"omna [a-z]", span) and (fault := fault_of(span.replace("\\|", "|")))
    ]
    assert wrong == []


def fault_of(span: str) -> str | None:
    """Return what is wrong with a command as it stands in a sentence, where words in capitals stand for values."""
    words = re.sub(r"[\[\]]", " ", span).split()[1:]
    command: App = app
    known: tuple[str, ...] = ()
    while words and is_group(command) and re.fullmatch(r"[a-z-]+", words[0]) and not words[0].startswith("-"):
        known = (*known, words.pop(0))
        if known not in COMMANDS:
            return f"there is no command {' '.join(known)}"
        command = COMMANDS[known]
    options = {word for part in words for word in re.findall(r"(?<![\w-])--[a-z][a-z-]*", part)}
    allowed = {"--help"} if is_group(command) else options_of(command) | {"--help"}
    return f"no option {', '.join(sorted(options - allowed))}" if options - allowed else None


@pytest.mark.parametrize(
    ("span", "fault"),
    [
        ("omna provider cap NAME [--daily CREDITS|none]", None),
        ("omna provider cup NAME", "there is no command provider cup"),
        ("omna stop --cut", "no option --cut"),
        ("omna secrets", None),
        ("omna balanec ws_1", "there is no command balanec"),
    ],
)
def test_a_command_that_is_wrong_is_found(span: str, fault: str | None) -> None:
    assert fault_of(span) == fault


def test_calls_are_found_wherever_a_line_has_them() -> None:
    script = "printf x | omna user create a@b.c \\\n  --password-stdin\nsudo -u omna omna ledger verify > out\nkubectl -n omna delete x"
    assert [words for words in calls(script, OMNA) if words] == [
        ["user", "create", "a@b.c", "--password-stdin"],
        ["ledger", "verify"],
    ]


def test_settings_in_docs_exist() -> None:
    known = {one.name for one in resolved(Settings(data=ROOT))} | {"OMNA_DATA", "OMNA_CONFIG"} | EXAMPLES
    # What files of deployment and tools for development read by themselves.
    for folder in ("deploy", "tools"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix not in {".md", ".pyc"}:
                known |= set(re.findall(r"OMNA_[A-Z0-9_]*[A-Z0-9]", path.read_text("utf-8", errors="replace")))
    wrong = {
        f"{named(path)}: {name}"
        for path in PAGES_OF_DOCS
        for name in re.findall(r"\bOMNA_[A-Z0-9_]*[A-Z0-9]\b(?!_?\*)", path.read_text("utf-8"))
        if name not in known
    }
    assert wrong == set()


def test_metrics_in_docs_exist() -> None:
    endings = {"counter": ("",), "histogram": ("", "_bucket", "_sum", "_count"), "gauge": ("",)}
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text("utf-8")
    known = set(NOT_METRICS)
    for name, kind in re.findall(r"^\| `(omna_\w+)` \| (\w+) \|", page, re.MULTILINE):
        known |= {name + ending for ending in endings[kind]}
    wrong = {
        f"{named(path)}: {name}"
        for path in PAGES_OF_DOCS
        for name in re.findall(r"\bomna_[a-z0-9_]*[a-z0-9]\b(?![…*{\[]?[…*])", path.read_text("utf-8"))
        if name not in known
    }
    assert wrong == set()


def described() -> dict[str, set[str]]:
    """Return every address of both APIs, a placeholder as `{}`, with its methods."""
    addresses: dict[str, set[str]] = {}
    for name in ("openapi.json", "api.json"):
        description = json.loads((ROOT / "docs" / "reference" / name).read_text("utf-8"))
        for address, item in description["paths"].items():
            addresses.setdefault(re.sub(r"\{[^}]*\}", "{}", address), set()).update(item)
    return addresses


def speaks_of(written: str, address: str) -> bool:
    """Return whether an address as it is written is this one, or what this one begins with."""
    parts, wanted = written.strip("/").split("/"), address.strip("/").split("/")
    return len(parts) <= len(wanted) and all(
        target == "{}" or part == target for part, target in zip(parts, wanted, strict=False)
    )


def test_addresses_of_the_apis_in_docs_exist() -> None:
    addresses = described()
    pattern = re.compile(
        r"(?:\b(GET|POST|PUT|PATCH|DELETE) )?((?:https?://[^\s/`\"]+|\$OMNA|(?<![\w./:}…-]))/(?:v1|api)(?:/[^\s`\"'?#),|;]*)?)"
    )
    wrong = []
    for path in PAGES_OF_DOCS:
        for method, written in pattern.findall(path.read_text("utf-8")):
            if "://" in written and not re.match(r"https?://(localhost|[\w.-]*omna|ai\.example)", written):
                continue  # an address of a provider
            place = re.sub(r"^(https?://[^/]+|\$OMNA)", "", written).rstrip(".…/*\\")
            whole = [address for address in addresses if speaks_of(place, address)]
            exact = [one for one in whole if one.count("/") == place.count("/")]
            if not whole or (method and not any(method.lower() in addresses[one] for one in exact)):
                wrong.append(f"{named(path)}: {method} {written}")
    assert wrong == []
