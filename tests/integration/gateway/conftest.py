"""A running gateway on an installation of each file's own."""

from tests.harness.fixtures import client, house, key, replica

__all__ = ["client", "house", "key", "replica"]
