"""Ids in addresses."""

import pytest

from omna.errors import NotFound
from omna.http.addresses import id_in_address
from omna.ids import new_id, show


def test_id_is_read_with_its_prefix() -> None:
    identifier = new_id()
    assert id_in_address(show("rch", identifier), "rch", "order") == identifier


@pytest.mark.parametrize("text", ["", "rch_", "rfd_0192f0a12b3c7def8123456789abcdef", "rch_../etc", "7"])
def test_anything_else_is_a_thing_that_is_not_there(text: str) -> None:
    with pytest.raises(NotFound, match=r"There is no such order\."):
        id_in_address(text, "rch", "order")
