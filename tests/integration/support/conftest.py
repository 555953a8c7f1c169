"""A team whose people use /api."""

from tests.harness.team_fixtures import team

__all__ = ["team"]
