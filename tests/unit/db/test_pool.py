"""What counts as the database being away."""

import asyncpg
import pytest

from omna.db.pool import is_fault


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        TimeoutError(),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.AdminShutdownError(),
        # What asyncpg says when the server ends a connection in the moment it is used.
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
    ],
)
def test_a_lost_server_says_nothing_about_the_request(error: Exception) -> None:
    assert is_fault(error)


@pytest.mark.parametrize("error", [asyncpg.UniqueViolationError(), asyncpg.UndefinedTableError(), KeyError("x")])
def test_a_mistake_is_no_fault_of_the_database(error: Exception) -> None:
    assert not is_fault(error)
