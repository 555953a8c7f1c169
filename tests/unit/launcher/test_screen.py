"""What the operator reads."""

import io

import pytest
from rich.console import Console

from omna.launcher.facts import FirstRun
from omna.launcher.screen import Screen, curl_line

FACTS = FirstRun("owner@localhost", "a-long-password", "omna_key")


def shown(*, first: bool, facts: FirstRun | None = FACTS, mail: bool = False) -> str:
    output = io.StringIO()
    screen = Screen(Console(file=output, width=60, highlight=False, soft_wrap=True))
    screen.welcome("http://localhost:5108", facts, first=first, kept_in="/data/first-run.json", mail=mail)
    return output.getvalue()


def test_curl_line_can_be_pasted_as_it_is() -> None:
    expected = (
        'curl http://localhost:5108/v1/chat/completions -H "Authorization: Bearer omna_key"'
        ' -H "Content-Type: application/json"'
        ' -d \'{"model":"openrouter-free","messages":[{"role":"user","content":"Plan my AI workflow"}]}\''
    )
    assert curl_line("http://localhost:5108", "omna_key") == expected
    # One line, however narrow the terminal is.
    assert expected in shown(first=True).splitlines()


def test_password_is_shown_at_the_first_start_only() -> None:
    assert "a-long-password" in shown(first=True)
    assert "a-long-password" not in shown(first=False)
    assert "/data/first-run.json" in shown(first=False)


def test_installation_without_first_facts_says_how_to_begin() -> None:
    text = shown(first=False, facts=None)
    assert "omna user create" in text
    assert "omna key create" in text


def test_step_says_how_long_it_took_or_that_it_failed() -> None:
    output = io.StringIO()
    screen = Screen(Console(file=output, highlight=False))
    with screen.step("database") as words:
        words.append("PostgreSQL 18")
    assert "✓ database     ready in 0.0 s · PostgreSQL 18" in output.getvalue()
    with pytest.raises(OSError, match="gone"), screen.step("gateway"):
        raise OSError("gone")
    assert "✗ gateway" in output.getvalue()


def test_where_mails_are_is_said_when_no_server_sends_them() -> None:
    assert "omna mail show --last" in shown(first=True)
    assert "omna mail" not in shown(first=True, mail=True)
