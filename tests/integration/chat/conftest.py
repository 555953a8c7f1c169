"""A team whose people chat through /api."""

from tests.harness.team_fixtures import team

__all__ = ["team"]
