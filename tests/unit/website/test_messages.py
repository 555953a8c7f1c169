"""What services say, in the words of a page."""

import pytest

from omna.errors import Conflict
from omna.website.messages import explain
from omna.website.texts import Texts


@pytest.mark.parametrize("ending", ["sign in.", "sign in to accept."])
def test_a_known_address_is_told_in_the_language_of_the_page(ending: str) -> None:
    said = f"There is an account with this address already: {ending}"
    chinese = explain(Texts("zh"), Conflict(said))
    assert chinese.startswith("这个邮箱已有账户")
    assert explain(Texts("en"), Conflict(said)) == said.replace(": s", ". S")
