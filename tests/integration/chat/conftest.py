"""A team whose people chat through /api."""

from tests.harness.talk import talk
from tests.harness.team_fixtures import team

__all__ = ["talk", "team"]
