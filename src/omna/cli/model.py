"""`omna model …`"""

from typing import Annotated

from cyclopts import App, Parameter

from omna.catalog import service as catalog
from omna.catalog.model import ENDPOINTS, INPUT_MODALITIES, OUTPUT_MODALITIES, Model
from omna.cli.failures import CommandError
from omna.cli.output import credits_or_none, moment_or_none, print_facts, print_json, print_table
from omna.cli.parse import limit_of, names_of
from omna.cli.prices import AS_PRICED, Costs, Prices, rates_of_costs, rates_of_prices, shown
from omna.cli.session import DEFAULTS, Options, session
from omna.money import format_credits
from omna.risk import service as risk

app = App(name="model", help="Models on sale and their prices, in Credits per 1M tokens.")

ModelName = Annotated[str, Parameter(name="ID", help="What customers call the model.")]


@app.command
async def add(
    model: ModelName,
    /,
    *,
    provider: Annotated[str, Parameter(help="Where it runs.")],
    upstream_model: Annotated[str, Parameter(help="Its name there.")],
    prices: Prices,
    costs: Costs = AS_PRICED,
    context: Annotated[int | None, Parameter(help="Tokens of prompt and answer together.")] = None,
    max_output: Annotated[int | None, Parameter(help="Tokens of an answer at most.")] = None,
    endpoints: Annotated[str | None, Parameter(help=f"Of {', '.join(ENDPOINTS)}, with commas between them.")] = None,
    input_modalities: Annotated[str | None, Parameter(help=f"Of {', '.join(INPUT_MODALITIES)}.")] = None,
    output_modalities: Annotated[str | None, Parameter(help=f"Of {', '.join(OUTPUT_MODALITIES)}.")] = None,
    supported_parameters: Annotated[str | None, Parameter(help="Request fields it takes; others are refused.")] = None,
    dropped_parameters: Annotated[str | None, Parameter(help="Request fields that are silently left out.")] = None,
    priority: Annotated[int | None, Parameter(help="Routes are tried by it, lowest first.")] = None,
    weight: Annotated[int | None, Parameter(help="Share among the routes of one priority; 1 at first.")] = None,
    cap_daily: Annotated[str | None, Parameter(help="Credits a UTC day at provider cost, or none.")] = None,
    options: Options = DEFAULTS,
) -> None:
    """Put a model on sale, or change it; another provider becomes a further route, tried after the others."""
    async with session(options) as work, work.connection.transaction():
        added = await catalog.add_model(
            work.connection,
            model,
            provider=provider,
            upstream_model=upstream_model,
            prices=rates_of_prices(prices),
            costs=rates_of_costs(costs, prices),
            context_length=context,
            max_output_tokens=max_output,
            endpoints=names_of(endpoints),
            input_modalities=names_of(input_modalities),
            output_modalities=names_of(output_modalities),
            supported_parameters=names_of(supported_parameters),
            dropped_parameters=names_of(dropped_parameters),
            priority=priority,
            weight=weight,
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
        names = await catalog.list_aliases(work.connection)
    aliases = {model.model_id: [alias for alias, of in names.items() if of == model.model_id] for model in models}
    if options.json:
        print_json({"models": [_facts(model) | {"aliases": aliases[model.model_id]} for model in models]})
        return
    print_table(
        ("model", "aliases", "enabled", "prompt", "completion", "cached", "context", "routes", "daily cap"),
        (
            (
                model.model_id,
                aliases[model.model_id] or None,
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
async def price(model: ModelName, /, *, prices: Prices, options: Options = DEFAULTS) -> None:
    """Give a model a new price list from now on; running requests keep the price they began with."""
    async with session(options) as work, work.connection.transaction():
        priced = await catalog.price_model(work.connection, model, rates_of_prices(prices), actor=work.actor)
    _print(priced, options)


@app.command
async def alias(
    alias: Annotated[str, Parameter(name="ALIAS", help="The other name.")],
    model: Annotated[str | None, Parameter(name="MODEL", help="The model it stands for.")] = None,
    /,
    *,
    remove: Annotated[bool, Parameter(negative="", help="Let the name stand for nothing.")] = False,
    options: Options = DEFAULTS,
) -> None:
    """Give a model another name, let a name stand for another model, or take it away."""
    if remove == (model is not None):
        raise CommandError("name the model that the alias stands for, or --remove the alias")
    async with session(options) as work, work.connection.transaction():
        if model is None:
            await catalog.remove_alias(work.connection, alias, actor=work.actor)
        else:
            await catalog.set_alias(work.connection, alias, model, actor=work.actor)
    facts: dict[str, object] = {"alias": alias, "model": model}
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)


@app.command
async def disable(model: ModelName, /, *, options: Options = DEFAULTS) -> None:
    """Take a model off sale, from the next request on; `omna model add` puts it back."""
    async with session(options) as work, work.connection.transaction():
        await catalog.disable_model(work.connection, model, actor=work.actor)
        disabled = await catalog.find_model(work.connection, model)
    _print(disabled, options)


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
            "endpoints": model.endpoints,
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
        "endpoints": model.endpoints,
        "input_modalities": model.input_modalities,
        "output_modalities": model.output_modalities,
        "supported_parameters": model.supported_parameters,
        "dropped_parameters": model.dropped_parameters,
        "price": None
        if model.price is None
        else {
            "version": str(model.price.price_version_id),
            "effective_from": moment_or_none(model.price.effective_from),
            **shown(model.price.rates),
        },
        "routes": [
            {
                "provider": route.provider.name,
                "upstream_model": route.upstream_model,
                "priority": route.priority,
                "weight": route.weight,
                "enabled": route.enabled and route.provider.enabled,
                "cost": shown(route.costs),
            }
            for route in model.routes
        ],
    }
