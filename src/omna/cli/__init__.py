"""The command line: one table of commands. Each lives in the module of its noun, which is imported when it runs."""

import difflib
import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from omna import __version__

COMMANDS = (
    ("up", "omna.cli.up:up", "Run everything on this machine: database, model, gateway and jobs."),
    ("serve", "omna.cli.serve:serve", "Run the gateway and the web pages; needs OMNA_DATABASE_URL."),
    ("worker", "omna.cli.worker:worker", "Run the jobs; needs OMNA_DATABASE_URL."),
    ("migrate", "omna.cli.migrate:migrate", "Bring the schema up to date; safe from many replicas at once."),
    ("user", "omna.cli.user:app", "People and their personal workspaces."),
    ("key", "omna.cli.key:app", "API keys."),
    ("credit", "omna.cli.credit:credit", "Give or take Credits by hand."),
    ("balance", "omna.cli.credit:balance", "What a workspace has, holds and owes."),
    ("recharge", "omna.cli.recharge:app", "Orders of Credits."),
    ("ledger", "omna.cli.ledger:app", "Statements, and the proof that the books are right."),
    ("provider", "omna.cli.provider:app", "Upstream accounts."),
    ("model", "omna.cli.model:app", "Models on sale and their prices."),
    ("limit", "omna.cli.workspace:limit", "What a workspace may spend in a day."),
    ("freeze", "omna.cli.freeze:freeze", "Refuse the requests of a workspace or a person."),
    ("unfreeze", "omna.cli.freeze:unfreeze", "Accept them again."),
    ("stop", "omna.cli.stop:stop", "Emergency stop."),
    ("resume", "omna.cli.stop:resume", "End an emergency stop."),
    ("mail", "omna.cli.mail:app", "The outbox: mails that wait, were sent, or are kept."),
    ("audit", "omna.cli.audit:app", "The audit log."),
    ("secrets", "omna.cli.secrets:app", "The master key."),
    ("backup", "omna.cli.backup:backup", "Write the database to a file."),
    ("restore", "omna.cli.backup:restore", "Read a backup into an empty database."),
    ("top", "omna.cli.top:top", "Watch what runs, live."),
    ("doctor", "omna.cli.doctor:doctor", "Show the settings in force and check the installation."),
)

app = App(name="omna", version=__version__, help="Omna: one workspace, one balance, many models.")
for name, target, summary in COMMANDS:
    app.command(target, name=name, help=summary)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave the process: 0 done, 1 refused or failed, 2 not understood, 130 interrupted."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    names = [name for name, _, _ in COMMANDS]
    if tokens and not tokens[0].startswith("-") and tokens[0] not in names:
        # Asked here, because the library would import every command to look for a likely one.
        likely = difflib.get_close_matches(tokens[0], names, 1)
        hint = f"did you mean `omna {likely[0]}`?" if likely else "`omna --help` lists them."
        _fail(f"there is no command {tokens[0]!r}; {hint}", 2)
    try:
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError as error:
        _fail(f"{_one_line(str(error))} Try `omna {' '.join(_command(tokens))} --help`.".replace("  ", " "), 2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe has seen enough; what is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  the last door: everything becomes one line here
        from omna.cli.failures import sentence_of

        _fail(_one_line(sentence_of(error)), 1)
    sys.exit(result if isinstance(result, int) else 0)


def _fail(sentence: str, code: int) -> None:
    print(f"omna: {sentence}", file=sys.stderr)
    sys.exit(code)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _command(tokens: Sequence[str]) -> list[str]:
    """Return the words that name the command, for a hint."""
    words: list[str] = []
    groups = {"user", "key", "ledger", "provider", "model", "mail", "audit", "secrets"}
    for token in tokens[:2]:
        if token.startswith("-") or (words and words[0] not in groups):
            break
        words.append(token)
    return words
