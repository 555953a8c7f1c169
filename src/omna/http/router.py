"""The routes of one file of /api."""

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from omna.http.viewing import gate


class Router(APIRouter):
    """Routes that share a prefix; before each of them stands the gate of viewings."""

    def __init__(self, prefix: str = "", tags: list[str] | None = None) -> None:
        super().__init__(prefix=prefix, tags=list(tags or ()), dependencies=[Depends(gate)])


def is_gated(route: APIRoute) -> bool:
    """Return whether the gate of viewings stands before the route."""
    return any(dependency.dependency is gate for dependency in route.dependencies)
