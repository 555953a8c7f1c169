"""PURE: which routes a request may take, in the order they are tried."""

from omna.catalog.model import Model, Route

#: Attempts at providers one request may cause, retries included: the client retries too.
MOST_ATTEMPTS = 2


def plan(model: Model, first: Route) -> list[Route]:
    """Return the routes to try: the admitted one first, then the others by priority; one alone is tried twice.

    Shape   at most MOST_ATTEMPTS routes, at least one
    """
    others = [route for route in model.routes if route.route_id != first.route_id]
    return [first, *(others or [first])][:MOST_ATTEMPTS]
