"""A team that buys Credits, and orders of every kind."""

from tests.harness.team_fixtures import team

__all__ = ["team"]
