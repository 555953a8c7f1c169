"""`omna provider …`"""

import os
from typing import Annotated, Literal

from cyclopts import App, Parameter

from omna.catalog import service as catalog
from omna.catalog.model import Provider
from omna.cli.failures import CommandError
from omna.cli.output import credits_or_none, print_facts, print_json, print_table
from omna.cli.parse import limit_of
from omna.cli.session import DEFAULTS, Options, session
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
        ("name", "kind", "base URL", "key", "enabled", "daily cap"),
        (
            (
                provider.name,
                provider.kind,
                provider.base_url,
                "set" if provider.secret is not None else "none",
                provider.enabled,
                credits_or_none(provider.daily_cap),
            )
            for provider in providers
        ),
        numbers=("daily cap",),
    )


@app.command
async def cap(
    name: Annotated[str, Parameter(help="The provider.")],
    /,
    *,
    daily: Annotated[str, Parameter(help="Credits a UTC day at provider cost, or none.")],
    options: Options = DEFAULTS,
) -> None:
    """Set what may be spent at a provider in a day."""
    async with session(options) as work, work.connection.transaction():
        await risk.cap_provider(work.connection, name, limit_of(daily, "--daily"), actor=work.actor)
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
        "daily_cap": credits_or_none(provider.daily_cap),
    }
