"""The end of a link to a copy of a chat."""

from omna.chat.sharing.model import share_of, token_of
from omna.ids import new_id

SECRET = b"s" * 32


def test_link_names_its_copy_and_only_ours_do() -> None:
    share = new_id()
    token = token_of(SECRET, share)
    assert share_of(SECRET, token) == share
    assert share_of(b"t" * 32, token) is None
    for odd in (
        "",
        token[:-1],
        token + "A",
        "x" * 43,
        "é" * 43,
        token.swapcase(),
        token_of(SECRET, new_id())[:22] + token[22:],
    ):
        assert share_of(SECRET, odd) is None, odd
