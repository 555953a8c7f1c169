"""Offsets in code units, titles, branches, and the prompt that a branch becomes."""

from dataclasses import replace

import pytest

from omna.chat.conversations.model import Answer, Message, State, branch, title_of
from omna.chat.runs.prompt import GO_ON, messages_of
from omna.chat.runs.said import Said, after, storable, units
from omna.clock import now
from omna.ids import ChatId, MessageId, new_id

CHAT = ChatId(new_id())


def javascript(text: str) -> list[int]:
    """Return the code units of a text, written another way than the code does."""
    found: list[int] = []
    for character in text:
        code = ord(character)
        found += [code] if code < 0x10000 else [0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF)]
    return found


def test_offsets_are_those_of_javascript() -> None:
    pieces = ["abc", "你好", "😀", "", "e\u0301x", "👩‍👩‍👧", "z" * 40]
    whole = "".join(pieces)
    said = Said()
    for piece in pieces:
        said.add(piece)
    assert (said.units, units(whole)) == (len(javascript(whole)),) * 2
    offset = 0
    for character in whole:
        assert said.since(offset) == after(whole, offset) == whole[len(whole) - len(said.since(offset)) :]
        assert javascript(said.since(offset)) == javascript(whole)[offset:]
        offset += len(javascript(character))
    assert said.since(offset) == said.since(offset + 100) == after(whole, offset + 100) == ""
    # Half of a pair is no place a page can be at; it must not break anything either.
    assert after("😀x", 1) == "\ufffdx"


def test_what_is_new_is_written_once() -> None:
    said = Said()
    said.add("one ")
    said.add("two ")
    text = said.take()
    said.add("three")
    assert text == "one two "
    assert said.take() == "three"
    assert str(said) == "one two three"


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\x00b", "a\ufffdb"), ("\ud83d", "\ufffd"), ("\ud83d\ude00", "😀"), ("plain", "plain"), ("你好", "你好")],
    ids=["nul", "half", "two-halves", "ascii", "chinese"],
)
def test_what_no_database_holds_is_replaced(text: str, kept: str) -> None:
    assert storable(text) == kept


def test_titles_are_first_words() -> None:
    assert title_of("  What is\n\nthis?  ") == "What is this?"
    assert title_of("") == ""
    long = "Please explain to me in some detail how the settlement of requests works"
    assert title_of(long) == "Please explain to me in some detail how the settlement of…"
    assert title_of("字" * 100) == "字" * 60 + "…"


def said_by(role: str, content: str, parent: Message | None = None, **answer: object) -> Message:
    state = None if role == "user" else Answer(**{"state": State.COMPLETE, **answer})  # type: ignore[arg-type]
    return Message(CHAT, MessageId(new_id()), parent and parent.message_id, role, content, now(), None, state)


def test_a_branch_leads_from_the_first_message_to_its_leaf() -> None:
    question = said_by("user", "q")
    first, second = said_by("assistant", "1", question), said_by("assistant", "2", question)
    follow = said_by("user", "f", second)
    tree = [question, first, second, follow]
    assert branch(tree, follow.message_id) == [question, second, follow]
    assert branch(tree, first.message_id) == [question, first]
    assert branch(tree, None) == []
    with pytest.raises(KeyError):
        branch(tree, MessageId(new_id()))
    looped = replace(question, parent_id=follow.message_id)
    with pytest.raises(KeyError):
        branch([looped, second, follow], follow.message_id)


def test_the_prompt_is_the_branch_without_what_no_model_said() -> None:
    question = said_by("user", "q")
    left_out = [
        said_by("assistant", "", state=State.REFUSED),
        said_by("assistant", "half", state=State.FAILED),
        said_by("assistant", "", state=State.STOPPED),
    ]
    stopped = said_by("assistant", "so far", state=State.STOPPED)
    cut = said_by("assistant", "cut off", state=State.CUT)
    user, assistant = ({"role": "user", "content": "q"}, {"role": "assistant", "content": "so far"})
    assert messages_of("", [question]) == [user]
    assert messages_of(" be brief ", [question])[0] == {"role": "system", "content": " be brief "}
    for one in left_out:
        assert messages_of("", [question, one, question]) == [user, user]
    assert messages_of("", [question, stopped, question]) == [user, assistant, user]
    assert messages_of("", [question, cut])[1]["content"] == "cut off"


def test_an_answer_that_goes_on_is_one_with_what_it_continues() -> None:
    question = said_by("user", "q")
    half = said_by("assistant", "The quick", question, state=State.FAILED)
    rest = said_by("assistant", " fox", half, continues=True)
    assert messages_of("", [question, half], go_on=True) == [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "The quick"},
        {"role": "user", "content": GO_ON},
    ]
    assert messages_of("", [question, half, rest, question]) == [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "The quick fox"},
        {"role": "user", "content": "q"},
    ]


def test_files_stand_before_the_text_they_came_with() -> None:
    question = said_by("user", "what is it?")
    part = {"type": "text", "text": "a.txt:\nhello"}
    assert messages_of("", [question], {question.message_id: [part]}) == [
        {"role": "user", "content": [part, {"type": "text", "text": "what is it?"}]}
    ]
    silent = replace(question, content="")
    assert messages_of("", [silent], {silent.message_id: [part]})[0]["content"] == [part]
