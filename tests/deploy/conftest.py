"""An installation of each file's own, for the tests that run replicas."""

from tests.harness.fixtures import house

__all__ = ["house"]
