"""PURE: which routes a request may take, in the order they are tried."""

from collections.abc import Callable, Sequence

from omna.catalog.model import Model, Route
from omna.gateway.model import NO_PREFERENCES, Preferences, Target

#: Attempts at providers one request may cause, retries included: the client retries too.
MOST_ATTEMPTS = 2
#: Routes that are asked about for them: one whose cap is reached gives its turn to the next.
MOST_CANDIDATES = 5

#: A route that was never asked is as good as the best: it has to be asked once to be known.
_UNKNOWN_SPEED = 0.0


def targets(
    models: Sequence[tuple[str, Model]],
    preferences: Preferences,
    *,
    is_open: Callable[[Route], bool],
    speed: Callable[[Route], float | None],
    draw: Callable[[], float],
) -> list[Target]:
    """Return where a request may go, best first: all routes of its first model, then those of its fallbacks.

    Shape   models in the caller's order, each with the id it was asked for by; routes that are `is_open` are left out
    Units   speed in seconds to the first output; draw gives numbers in [0, 1)
    A model's routes are tried by priority, lowest first; among equals chance decides, by weight.
    """
    found: list[Target] = []
    for asked, model in models:
        assert model.price is not None, "only priced models are on sale"
        routes: Sequence[Route] = model.routes
        if len(routes) > 1:
            routes = _ordered(routes, preferences, speed, draw)
        if preferences is not NO_PREFERENCES:
            routes = [route for route in routes if _is_wanted(route, preferences)]
        found += [Target(asked, model, model.price, route) for route in routes if not is_open(route)]
    return found if preferences.allow_fallbacks else found[:1]


def attempts(admitted: Target, others: Sequence[Target]) -> list[Target]:
    """Return what may be tried, in order: the admitted target, then the next ones; one alone is tried twice."""
    return [admitted, *(others or [admitted])][:MOST_CANDIDATES]


def _is_wanted(route: Route, preferences: Preferences) -> bool:
    name = route.provider.name
    return name not in preferences.ignore and (preferences.only is None or name in preferences.only)


def _ordered(
    routes: Sequence[Route],
    preferences: Preferences,
    speed: Callable[[Route], float | None],
    draw: Callable[[], float],
) -> list[Route]:
    # Exponential keys: the smallest of draw^(1/weight)'s logarithms wins with the probability of its weight.
    chances = {route.route_id: draw() ** (1 / route.weight) for route in routes}

    def rank(route: Route) -> tuple[float, float, float]:
        name = route.provider.name
        named = preferences.order.index(name) if name in preferences.order else len(preferences.order)
        match preferences.sort:
            case "price":
                wish: float = route.costs.prompt + route.costs.completion
            case "latency" | "throughput":
                known = speed(route)
                wish = _UNKNOWN_SPEED if known is None else known
            case None:
                wish = route.priority
        return named, wish, -chances[route.route_id]

    return sorted(routes, key=rank)
