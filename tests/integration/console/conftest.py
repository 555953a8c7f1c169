"""A team whose people use /api, and staff who are hired from outside it."""

from tests.harness.team_fixtures import team

__all__ = ["team"]
