"""`omna model …`"""

from typing import Annotated

from cyclopts import App, Parameter

from omna.catalog import service as catalog
from omna.catalog.model import Model, Rates, rates
from omna.cli.output import credits_or_none, moment_or_none, print_facts, print_json, print_table
from omna.cli.parse import credits_of, limit_of, price_of
from omna.cli.session import DEFAULTS, Options, session
from omna.money import format_credits
from omna.risk import service as risk

app = App(name="model", help="Models on sale and their prices, in Credits per 1M tokens.")

ModelName = Annotated[str, Parameter(name="ID", help="What customers call the model.")]
PromptPrice = Annotated[str, Parameter(help="Credits per 1M prompt tokens.")]
CompletionPrice = Annotated[str, Parameter(help="Credits per 1M completion tokens.")]
CachedPrice = Annotated[str | None, Parameter(help="Credits per 1M cached prompt tokens; default: the prompt price.")]


@app.command
async def add(
    model: ModelName,
    /,
    *,
    provider: Annotated[str, Parameter(help="Where it runs.")],
    upstream_model: Annotated[str, Parameter(help="Its name there.")],
    prompt_price: PromptPrice,
    completion_price: CompletionPrice,
    cached_price: CachedPrice = None,
    prompt_cost: Annotated[str | None, Parameter(help="What the provider charges; default: the prompt price.")] = None,
    completion_cost: Annotated[
        str | None, Parameter(help="What the provider charges; default: the completion price.")
    ] = None,
    context: Annotated[int | None, Parameter(help="Tokens of prompt and answer together.")] = None,
    max_output: Annotated[int | None, Parameter(help="Tokens of an answer at most.")] = None,
    cap_daily: Annotated[str | None, Parameter(help="Credits a UTC day at provider cost, or none.")] = None,
    options: Options = DEFAULTS,
) -> None:
    """Put a model on sale, or change it; another provider becomes a further route, tried after the others."""
    prices = _prices(prompt_price, completion_price, cached_price)
    costs = prices
    if prompt_cost is not None or completion_cost is not None:
        costs = rates(
            credits_of(prompt_cost or prompt_price, "--prompt-cost"),
            credits_of(completion_cost or completion_price, "--completion-cost"),
            cached=price_of(cached_price if prompt_cost is None else None, "--cached-price"),
        )
    async with session(options) as work, work.connection.transaction():
        added = await catalog.add_model(
            work.connection,
            model,
            provider=provider,
            upstream_model=upstream_model,
            prices=prices,
            costs=costs,
            context_length=context,
            max_output_tokens=max_output,
            actor=work.actor,
        )
        if cap_daily is not None:
            await risk.cap_model(work.connection, model, limit_of(cap_daily, "--cap-daily"), actor=work.actor)
            added = await catalog.find_model(work.connection, model)
    _print(added, options)


@app.command(name="list")
async def list_(*, options: Options = DEFAULTS) -> None:
    """List the models, disabled ones included."""
    async with session(options) as work:
        models = await catalog.list_models(work.connection)
    if options.json:
        print_json({"models": [_facts(model) for model in models]})
        return
    print_table(
        ("model", "enabled", "prompt", "completion", "cached", "context", "routes", "daily cap"),
        (
            (
                model.model_id,
                model.enabled,
                None if model.price is None else format_credits(model.price.rates.prompt),
                None if model.price is None else format_credits(model.price.rates.completion),
                None if model.price is None else format_credits(model.price.rates.cached),
                model.context_length,
                [f"{route.provider.name}:{route.upstream_model}" for route in model.routes],
                credits_or_none(model.daily_cap),
            )
            for model in models
        ),
        numbers=("prompt", "completion", "cached", "context", "daily cap"),
    )


@app.command
async def price(
    model: ModelName,
    /,
    *,
    prompt_price: PromptPrice,
    completion_price: CompletionPrice,
    cached_price: CachedPrice = None,
    options: Options = DEFAULTS,
) -> None:
    """Give a model a new price from now on; running requests keep the price they began with."""
    prices = _prices(prompt_price, completion_price, cached_price)
    async with session(options) as work, work.connection.transaction():
        priced = await catalog.price_model(work.connection, model, prices, actor=work.actor)
    _print(priced, options)


@app.command
async def disable(model: ModelName, /, *, options: Options = DEFAULTS) -> None:
    """Take a model off sale, from the next request on; `omna model add` puts it back."""
    async with session(options) as work, work.connection.transaction():
        await catalog.disable_model(work.connection, model, actor=work.actor)
        disabled = await catalog.find_model(work.connection, model)
    _print(disabled, options)


def _prices(prompt: str, completion: str, cached: str | None) -> Rates:
    return rates(
        credits_of(prompt, "--prompt-price"),
        credits_of(completion, "--completion-price"),
        cached=price_of(cached, "--cached-price"),
    )


def _print(model: Model, options: Options) -> None:
    facts = _facts(model)
    if options.json:
        print_json(facts)
        return
    price = model.price
    print_facts(
        {
            "model": model.model_id,
            "enabled": model.enabled,
            "prompt price": None if price is None else format_credits(price.rates.prompt),
            "completion price": None if price is None else format_credits(price.rates.completion),
            "cached price": None if price is None else format_credits(price.rates.cached),
            "routes": [f"{route.provider.name}:{route.upstream_model}" for route in model.routes],
            "daily cap": credits_or_none(model.daily_cap),
        }
    )


def _facts(model: Model) -> dict[str, object]:
    return {
        "id": model.model_id,
        "name": model.name,
        "enabled": model.enabled,
        "context": model.context_length,
        "max_output": model.max_output_tokens,
        "daily_cap": credits_or_none(model.daily_cap),
        "price": None
        if model.price is None
        else {
            "version": str(model.price.price_version_id),
            "effective_from": moment_or_none(model.price.effective_from),
            **_shown(model.price.rates),
        },
        "routes": [
            {
                "provider": route.provider.name,
                "upstream_model": route.upstream_model,
                "priority": route.priority,
                "enabled": route.enabled and route.provider.enabled,
                "cost": _shown(route.costs),
            }
            for route in model.routes
        ],
    }


def _shown(rates: Rates) -> dict[str, str]:
    return {name: format_credits(getattr(rates, name)) for name in Rates.__struct_fields__}
