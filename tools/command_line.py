"""The page of all commands, made from the commands themselves; `tools.reference` writes it."""

from collections.abc import Iterator
from typing import Any, get_args

from cyclopts import App

from omna.cli import app as omna

HEAD = """\
# Every command

What `omna --help` says of each, in one place. All but `omna up` also take `--json`, and all take `--data DIR`. Exit codes,
and what prices and scopes look like, are on the page of the [command line](cli.md).
"""
_OF_ALL = ("--json", "--data")


def commands(app: App = omna, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], App]]:
    """Yield every command with the words that name it; a group comes before its commands."""
    for name in app:
        if not name.startswith("-"):
            words = (*before, name)
            yield words, app[name]
            yield from commands(app[name], words)


def commands_page() -> str:
    """Return docs/reference/commands.md."""
    return HEAD + "".join(_section(words, command) for words, command in commands())


def is_group(command: App) -> bool:
    """Return whether a command only holds others."""
    return any(not name.startswith("-") for name in command)


def options_of(command: App) -> set[str]:
    """Return the options that a command takes."""
    return {name for one in command.assemble_argument_collection() for name in one.names if name.startswith("--")}


def _section(words: tuple[str, ...], command: App) -> str:
    sentence = _cell(command.help)
    if is_group(command):
        return f"\n## omna {' '.join(words)}\n\n{sentence}\n"
    arguments = [
        one
        for one in command.assemble_argument_collection(parse_docstring=True)
        if one.show and one.names[0] not in _OF_ALL
    ]
    usage = " ".join([f"omna {' '.join(words)}", *(_usage(one) for one in arguments)])
    lines = [f"\n{'#' * (1 + len(words))} omna {' '.join(words)}\n\n{sentence}\n\n```text\n{usage}\n```\n"]
    if arguments:
        lines.append("\n| argument | what |\n|---|---|\n")
        lines += [f"| {_names(one)} | {_said(one)} |\n" for one in arguments]
    return "".join(lines)


def _usage(argument: Any) -> str:
    name = argument.names[0] if argument.index is not None else f"{argument.names[0]} {_value(argument)}".rstrip()
    return name if argument.required else f"[{name}]"


def _names(argument: Any) -> str:
    first, *others = argument.names
    value = "" if argument.index is not None else _value(argument)
    return " · ".join([f"`{first} {value}`".replace(" `", "`").replace("|", "\\|"), *(f"`{name}`" for name in others)])


def _said(argument: Any) -> str:
    default = argument.field_info.default
    plain = isinstance(default, (str, int)) and not isinstance(default, bool) and default != ""
    return _cell(argument.parameter.help) + (f" Default: `{default}`." if plain and not argument.required else "")


def _value(argument: Any) -> str:
    """Return what stands for the value of an option: its choices, N of a number, nothing of a switch."""
    if choices := argument.get_choices():
        return "|".join(choices)
    kinds = {argument.hint, *get_args(argument.hint)}
    return "" if bool in kinds else "N" if kinds & {int, float} else "VALUE"


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")
