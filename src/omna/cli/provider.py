"""`omna provider …`"""

import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from omna.catalog import imports
from omna.catalog import service as catalog
from omna.catalog.model import Provider
from omna.catalog.price_changes import Line
from omna.catalog.price_list import Terms, read_list
from omna.cli.failures import CommandError
from omna.cli.output import credits_or_none, print_facts, print_json, print_table
from omna.cli.parse import limit_of, percent_of
from omna.cli.session import DEFAULTS, Options, Session, session
from omna.money import format_credits
from omna.providers.base import Failure
from omna.providers.model_list import MAX_LIST_BYTES, fetch_models
from omna.risk import service as risk

app = App(name="provider", help="Upstream accounts.")


@app.command
async def add(
    name: Annotated[str, Parameter(help="Short name, for example openrouter.")],
    /,
    *,
    kind: Annotated[Literal["openai", "anthropic", "gemini"], Parameter(help="Wire format.")],
    base_url: Annotated[str, Parameter(help="Where it listens, for example https://api.openai.com/v1.")],
    api_key_env: Annotated[str | None, Parameter(help="Environment variable that holds its key.")] = None,
    allow_private: Annotated[
        bool, Parameter(negative="", help="Accept plain http, another port or a private address, for exactly this URL.")
    ] = False,
    max_in_flight: Annotated[
        int | None, Parameter(help="Calls that each gateway process may have open there at once.")
    ] = None,
    options: Options = DEFAULTS,
) -> None:
    """Add a provider, or change address and key of the one with this name."""
    secret = None
    if api_key_env is not None:
        secret = os.environ.get(api_key_env, "").strip()
        if not secret:
            raise CommandError(f"--api-key-env: {api_key_env} is not set")
    async with session(options) as work, work.connection.transaction():
        provider = await catalog.add_provider(
            work.connection,
            name,
            kind=kind,
            base_url=base_url,
            secret=secret,
            allow_private=allow_private,
            max_in_flight=max_in_flight,
            keyring=work.keyring,
            actor=work.actor,
        )
    _print(provider, options)


@app.command(name="list")
async def list_(*, options: Options = DEFAULTS) -> None:
    """List the providers."""
    async with session(options) as work:
        providers = await catalog.list_providers(work.connection)
    if options.json:
        print_json({"providers": [_facts(provider) for provider in providers]})
        return
    print_table(
        ("name", "kind", "base URL", "key", "enabled", "daily cap", "monthly cap"),
        (
            (
                provider.name,
                provider.kind,
                provider.base_url,
                "set" if provider.secret is not None else "none",
                provider.enabled,
                credits_or_none(provider.daily_cap),
                credits_or_none(provider.monthly_cap),
            )
            for provider in providers
        ),
        numbers=("daily cap", "monthly cap"),
    )


@app.command
async def cap(
    name: Annotated[str, Parameter(help="The provider.")],
    /,
    *,
    daily: Annotated[str | None, Parameter(help="Credits a UTC day at provider cost, or none.")] = None,
    monthly: Annotated[str | None, Parameter(help="Credits a UTC month at provider cost, or none.")] = None,
    options: Options = DEFAULTS,
) -> None:
    """Set what may be spent at a provider in a day or a month."""
    if daily is None and monthly is None:
        raise CommandError("say --daily or --monthly")
    async with session(options) as work, work.connection.transaction():
        await risk.cap_provider(
            work.connection,
            name,
            ... if daily is None else limit_of(daily, "--daily"),
            monthly_cap=... if monthly is None else limit_of(monthly, "--monthly"),
            actor=work.actor,
        )
        provider = await catalog.find_provider(work.connection, name)
    _print(provider, options)


@app.command
async def disable(name: Annotated[str, Parameter(help="The provider.")], /, *, options: Options = DEFAULTS) -> None:
    """Send nothing to a provider any more, from the next request on."""
    await _switch(name, False, options)


@app.command
async def enable(name: Annotated[str, Parameter(help="The provider.")], /, *, options: Options = DEFAULTS) -> None:
    """Use a provider again."""
    await _switch(name, True, options)


@app.command(name="import")
async def import_(
    name: Annotated[str, Parameter(help="The provider.")],
    /,
    *,
    file: Annotated[Path | None, Parameter(help="Read the list from here and not from the provider.")] = None,
    match: Annotated[str, Parameter(help="Only models whose ids fit, with * and ?.")] = "*",
    markup: Annotated[str, Parameter(help="Percent that prices are above the list.")] = "0",
    free: Annotated[bool, Parameter(negative="", help="Take models that cost nothing, too.")] = False,
    apply: Annotated[bool, Parameter(negative="", help="Write it; without, it is shown only.")] = False,
    options: Options = DEFAULTS,
) -> None:
    """Show what a provider's own list of models and prices would change here, and write it with --apply."""
    percent = percent_of(markup, "--markup")
    async with session(options) as work:
        terms = Terms(Decimal(work.settings.credits.usd_per_credit), percent, free)
        provider = await catalog.find_provider(work.connection, name)
        content = await _published(provider, work) if file is None else _read(file)
        listed, refused = read_list(content, terms, match)
        if apply:
            async with work.connection.transaction():
                lines = await imports.import_list(work.connection, name, listed, refused, terms, actor=work.actor)
        else:
            lines = await imports.preview(work.connection, name, listed, refused, terms)
    _print_lines(lines, apply, options)


async def _published(provider: Provider, work: Session) -> bytes:
    if provider.kind != "openai":
        raise CommandError(f"a provider of kind {provider.kind} publishes no prices; give the list with --file")
    try:
        return await fetch_models(catalog.endpoint(provider, work.keyring))
    except Failure as failure:
        raise CommandError(f"the list of {provider.name} cannot be read: {failure.message}") from None


def _read(file: Path) -> bytes:
    with file.open("rb") as source:
        content = source.read(MAX_LIST_BYTES + 1)
    if len(content) > MAX_LIST_BYTES:
        raise CommandError(f"{file} is larger than {MAX_LIST_BYTES >> 20} MiB")
    return content


def _print_lines(lines: list[Line], applied: bool, options: Options) -> None:
    if options.json:
        print_json(
            {
                "applied": applied,
                "models": [
                    {
                        "id": line.model_id,
                        "change": line.what,
                        "reason": line.reason or None,
                        "prices": {
                            name: {"old": credits_or_none(old), "new": format_credits(new)}
                            for name, (old, new) in line.moves.items()
                        },
                    }
                    for line in lines
                ],
            }
        )
        return
    shown = [line for line in lines if line.what != "unchanged"]
    print_table(
        ("model", "change", "Credits per 1M tokens, or per unit"),
        (
            (line.model_id, line.what, line.reason or [_move(name, *line.moves[name]) for name in line.moves])
            for line in shown
        ),
    )
    counts = Counter(line.what for line in lines)
    print(", ".join(f"{count} {what}" for what, count in counts.items()) or "the list has no such model")
    if shown and not applied:
        print("nothing was written; --apply writes it")


def _move(name: str, old: int | None, new: int) -> str:
    amount = format_credits(new)
    return f"{name} {amount}" if old is None else f"{name} {format_credits(old)} → {amount}"


async def _switch(name: str, enabled: bool, options: Options) -> None:
    async with session(options) as work, work.connection.transaction():
        await catalog.set_provider_enabled(work.connection, name, enabled, actor=work.actor)
        provider = await catalog.find_provider(work.connection, name)
    _print(provider, options)


def _print(provider: Provider, options: Options) -> None:
    facts = _facts(provider)
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)


def _facts(provider: Provider) -> dict[str, object]:
    return {
        "name": provider.name,
        "kind": provider.kind,
        "base_url": provider.base_url,
        "has_key": provider.secret is not None,
        "allow_private": provider.allow_private,
        "enabled": provider.enabled,
        "max_in_flight": provider.max_in_flight,
        "daily_cap": credits_or_none(provider.daily_cap),
        "monthly_cap": credits_or_none(provider.monthly_cap),
    }
