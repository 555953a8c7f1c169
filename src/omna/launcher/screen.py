"""What `omna up` shows: a line a step with how long it took, and at the end how to use what is running."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from omna.launcher.facts import FirstRun

EXAMPLE = '{"model":"openrouter-free","messages":[{"role":"user","content":"Plan my AI workflow"}]}'


class Screen:
    """Writes to the terminal, in plain lines where there is none. No threads: children are forked beside it."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Show a step and how long it took; words appended to the list are shown behind it."""
        words: list[str] = []
        started = time.monotonic()
        if self._console.is_terminal:
            self._console.print(f"  {name:<12} …", end="\r")
        try:
            yield words
        except BaseException:
            self._console.print(f"  [red]✗[/] {name:<12}")
            raise
        note = f" · {', '.join(words)}" if words else ""
        self._console.print(f"  [green]✓[/] {name:<12} ready in {time.monotonic() - started:.1f} s[dim]{note}[/]")

    def say(self, sentence: str) -> None:
        """Show one sentence."""
        self._console.print(f"  {sentence}", markup=False)

    def fail(self, sentence: str) -> None:
        """Show why Omna does not start."""
        self._console.print(f"omna up: {sentence}", style="red", markup=False)

    def welcome(self, address: str, facts: FirstRun | None, *, first: bool, kept_in: str, mail: bool) -> None:
        """Show how to use what is running; the password only at the first start. mail: a mail server is set."""
        lines = ["", f"Omna is running at {address}", ""]
        if facts is None:
            lines += [
                "  Add a person   omna user create you@example.com --staff owner",
                "  Add a key      omna key create --workspace you@example.com --name first",
                "",
            ]
        else:
            password = facts.password if first else f"in {kept_in}"
            lines += [
                f"  Sign in    {facts.email}",
                f"  Password   {password}",
                f"  API key    {facts.key}",
                "",
                "  Try it:",
                "",
                curl_line(address, facts.key),
                "",
            ]
        if not mail:
            lines += ["No mail server is set: read mails with `omna mail show --last`.", ""]
        lines.append("Ctrl-C stops everything.")
        for line in lines:
            self._console.print(line, markup=False)


def curl_line(address: str, key: str) -> str:
    """Return the command that asks the first question."""
    return (
        f'curl {address}/v1/chat/completions -H "Authorization: Bearer {key}"'
        f" -H \"Content-Type: application/json\" -d '{EXAMPLE}'"
    )
