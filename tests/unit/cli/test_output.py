"""What commands print of texts that strangers wrote."""

import pytest

from omna.cli.output import print_facts, print_table


def test_nothing_that_is_shown_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "hello\x1b]0;gone\x07\x1b[2J\u202eworld [bold]"
    print_facts({"message": hostile})
    print_table(("message",), [(hostile,), ([hostile],)])
    shown = capsys.readouterr().out
    assert shown.count("hello") == shown.count("world [bold]") == 3
    assert not set("\x1b\x07\u202e") & set(shown)
