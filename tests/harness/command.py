"""`omna …` inside the process of the test: many commands for the price of one start of Python."""

import asyncio
import contextlib
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from omna.cli import main


@dataclass(frozen=True)
class Here:
    """Runs commands with one database and one data directory. Returns the exit code and everything that was printed."""

    patch: pytest.MonkeyPatch

    async def __call__(self, tokens: list[str], standard_input: str = "") -> tuple[int, str]:
        self.patch.setattr(sys, "stdin", io.StringIO(standard_input))
        return await asyncio.to_thread(_run, tokens)


def here(database_url: str, data: Path, patch: pytest.MonkeyPatch) -> Here:
    """Return a way to run commands, with nothing of the machine's own settings."""
    for name in [name for name in os.environ if name.startswith("OMNA_")]:
        patch.delenv(name)
    data.mkdir()
    patch.setenv("OMNA_DATABASE_URL", database_url)
    patch.setenv("OMNA_DATA", str(data))
    return Here(patch)


def _run(tokens: list[str]) -> tuple[int, str]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), pytest.raises(SystemExit) as caught:
        main(tokens)
    assert isinstance(caught.value.code, int)
    return caught.value.code, said.getvalue()
