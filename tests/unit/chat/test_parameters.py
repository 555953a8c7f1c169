"""A parameter is a number, and not a truth or a text for one."""

import pydantic
import pytest

from omna.chat.parameters import Parameters


def test_only_numbers_are_numbers() -> None:
    assert Parameters.model_validate({"temperature": 1, "top_p": 0.5}).kept() == {"temperature": 1, "top_p": 0.5}
    for wrong in (True, "0.5", 2.5, -0.1):
        with pytest.raises(pydantic.ValidationError):
            Parameters.model_validate({"top_p": wrong})
