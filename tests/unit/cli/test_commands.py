import subprocess
import sys
from pathlib import Path

import pytest

from omna.cli import COMMANDS, app, main

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"


def failure_of(capsys: pytest.CaptureFixture[str], *tokens: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as caught:
        main(tokens)
    output = capsys.readouterr()
    assert output.out == ""
    assert isinstance(caught.value.code, int)
    return caught.value.code, output.err


@pytest.mark.parametrize(
    "tokens",
    [
        ("nonsense",),
        ("balance",),
        ("balance", "a@b.example", "--wat"),
        ("credit", "a@b.example", "5"),
        ("provider", "add", "x", "--kind", "other", "--base-url", "https://x.example"),
        ("provider", "nonsense"),
        ("key", "create", "--workspace", "a@b.example", "--name", "x", "--rpm", "many"),
    ],
)
def test_what_is_not_understood_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], tokens: tuple[str, ...]
) -> None:
    code, message = failure_of(capsys, *tokens)
    assert code == 2
    assert message.startswith("omna: ")
    assert message.count("\n") == 1


def test_a_likely_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "omna balance" in failure_of(capsys, "balanec")[1]


def test_help_imports_no_command() -> None:
    script = (
        "import sys, omna.cli\n"
        "try: omna.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'asyncpg', 'aiohttp', 'genai_prices'} & set(sys.modules), sorted(sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_every_command_can_be_imported_and_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    app([name, "--help"], exit_on_error=False, result_action="return_value")
    assert f"omna {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", [name for name, _, _ in COMMANDS])
def test_the_reference_names_every_command_and_option(name: str) -> None:
    text = REFERENCE.read_text("utf-8")
    command = app[name]
    subcommands = [sub for sub in command if not sub.startswith("-")]
    for path in [(name, sub) for sub in subcommands] or [(name,)]:
        leaf = command[path[1]] if len(path) == 2 else command
        assert f"omna {' '.join(path)}" in text
        for argument in leaf.assemble_argument_collection():
            options = [option for option in (*argument.names, *argument.negatives) if option.startswith("--")]
            if options and argument.parameter.show is not False:
                assert any(option in text for option in options), f"{' '.join(path)}: {options}"
