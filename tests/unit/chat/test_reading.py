"""Files of chats from anybody: what is read, what is left out, what is refused and with which words."""

import json
from typing import Any

import pytest

from omna.chat.moving.markdown import file_name, markdown_of
from omna.chat.moving.model import MOST_MESSAGES, Chat
from omna.chat.moving.reading import read
from omna.errors import InvalidValue


def conversation(**changes: Any) -> dict[str, Any]:
    """A conversation as ChatGPT writes it: a hidden root, a system message, a branch, a tool, a picture."""

    def node(
        name: str, parent: str | None, role: str = "", *parts: Any, kind: str = "text", **more: Any
    ) -> dict[str, Any]:
        message = None
        if role:
            message = {
                "id": name, "author": {"role": role, "name": None, "metadata": {}}, "create_time": 1_700_000_000.5,
                "content": {"content_type": kind, "parts": list(parts), **more}, "status": "finished_successfully",
                "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {}, "recipient": "all",
            }  # fmt: skip
        return {"id": name, "message": message, "parent": parent, "children": []}

    nodes = [
        node("root", None),
        node("system", "root", "system", ""),
        node("q", "system", "user", "Plan <script>alert(1)</script>"),
        node("a1", "q", "assistant", "First"),
        node("a2", "q", "assistant", "Second"),
        node("call", "a2", "assistant", kind="code", text="search('x')"),
        node("tool", "call", "tool", "result"),
        node("a3", "tool", "assistant", "Third"),
        node("q2", "a3", "user", {"content_type": "image_asset_pointer"}, "What is it?", kind="multimodal_text"),
    ]
    return {
        "title": "  Trip\nplan ", "create_time": 1_700_000_000, "update_time": 1_700_000_900.25,
        "mapping": {one["id"]: one for one in nodes}, "current_node": "q2", "moderation_results": [],
        "conversation_id": "0b1e7bd6-6d5f-4f0a-9d53-2d9b6a3d8c11", "gizmo_id": None, **changes,
    }  # fmt: skip


def test_conversations_of_chatgpt_become_chats() -> None:
    parsed = read(json.dumps([conversation()]).encode())
    [chat] = parsed.chats
    assert (chat.title, chat.id, chat.created_at.year) == ("Trip plan", "chat_0b1e7bd66d5f4f0a9d532d9b6a3d8c11", 2023)
    by_text = {message.content: message for message in chat.messages}
    assert list(by_text) == [
        "Plan <script>alert(1)</script>", "First", "Second", "```\nsearch('x')\n```", "Third", "What is it?",
    ]  # fmt: skip
    question = by_text["Plan <script>alert(1)</script>"]
    assert question.parent is None
    assert [by_text[text].parent for text in ("First", "Second")] == [question.id] * 2
    third = by_text["Third"]
    assert third.answer is not None
    assert (third.answer.model, third.answer.continues, third.answer.charge) == ("gpt-4o", True, None)
    assert chat.head == by_text["What is it?"].id
    assert markdown_of(chat).count("## ") == 5


def test_conversation_that_is_no_tree_is_left_out() -> None:
    circle = conversation(title="circle")
    circle["mapping"]["root"]["parent"] = "q2"
    empty = conversation(title="empty", mapping={})
    many = conversation(title="many")
    for number in range(MOST_MESSAGES):
        many["mapping"][f"n{number}"] = dict(many["mapping"]["a1"], id=f"n{number}")
    long = conversation(title="long")
    long["mapping"]["a1"]["message"]["content"]["parts"] = ["x" * 400_001]
    parsed = read(json.dumps([circle, empty, many, long, conversation(), {"mapping": {}}]).encode())
    assert [chat.title for chat in parsed.chats] == ["Trip plan"]
    assert [(one.title, one.reason) for one in parsed.skipped] == [
        ("circle", "broken"), ("empty", "empty"), ("many", "too_many_messages"), ("long", "too_long"), ("", "empty"),
    ]  # fmt: skip


def test_chain_of_many_nodes_is_followed() -> None:
    chain = conversation()
    template = chain["mapping"]["root"]
    for number in range(50_000):
        chain["mapping"][f"n{number}"] = dict(template, id=f"n{number}", parent=f"n{number - 1}" if number else "q2")
    assert len(read(json.dumps([chain]).encode()).chats) == 1


#: What is wrong with a file, the file, and what is said of it.
WRONG = (
    ("empty", b"", "no valid JSON"),
    ("none", b"[]", "no chats"),
    ("zip", b"PK\x03\x04", "ZIP"),
    ("bytes", b"\xff\xfe{}", "no valid JSON"),
    ("other", b"{}", "neither"),
    ("newer", b'{"format":"omna-chats","version":2,"chats":[]}', "version 2"),
    ("field", b'{"format":"omna-chats","version":1,"chats":[{"id":7}]}', "$.chats[0].id"),
    ("deep", b"[" * 100_000, "no export"),
    ("deep object", b'{"a":' * 100_000, "no valid JSON"),
    ("deep inside", b'[{"mapping":{},"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}]", "no valid JSON"),
    ("half", b'[{"mapping":{"a', "no valid JSON"),
    ("surrogate", b'[{"mapping":{},"title":"\\ud800"}]', ""),
    ("many", b"[" + b'{"mapping":{}},' * 5_000 + b'{"mapping":{}}]', "at most 5,000"),
)


def test_what_is_no_export_is_refused_in_words() -> None:
    for name, data, says in WRONG:
        with pytest.raises(InvalidValue) as refused:
            read(data)
        assert says in refused.value.message, name
        assert refused.value.param == "file"


def ours(**changes: Any) -> Chat | str:
    """Return what becomes of a chat of our own format with something changed."""
    at = "2026-01-01T00:00:00Z"
    chat: dict[str, Any] = {
        "id": "chat_1", "title": "t", "created_at": at, "updated_at": at, "head": None,
        "messages": [{"id": "a", "parent": None, "role": "user", "content": "x", "created_at": at}],
    }  # fmt: skip
    parsed = read(json.dumps({"format": "omna-chats", "version": 1, "chats": [chat | changes]}).encode())
    return parsed.chats[0] if parsed.chats else parsed.skipped[0].reason


def test_chats_that_are_no_trees_are_left_out() -> None:
    at = "2026-01-01T00:00:00Z"

    def said(name: str, parent: str | None, **more: Any) -> dict[str, Any]:
        return {"id": name, "parent": parent, "role": "user", "content": "x", "created_at": at, **more}

    assert isinstance(ours(), Chat)
    assert ours(messages=[]) == "empty"
    assert ours(messages=[said("a", "b"), said("b", "a")]) == "broken"
    assert ours(messages=[said("a", "a")]) == "broken"
    assert ours(messages=[said("a", "nowhere")]) == "broken"
    assert ours(messages=[said("a", None), said("a", None)]) == "broken"
    assert ours(messages=[said("a", None, role="assistant")]) == "broken"
    assert ours(messages=[said("a", None, answer={})]) == "broken"
    assert ours(head="nowhere") == "broken"
    assert ours(created_at="0001-01-01T00:00:00+14:00") == "broken"
    clean = ours(title="a\x00b", messages=[said("a", None, content="x\x00y")])
    assert isinstance(clean, Chat)
    assert (clean.title, clean.messages[0].content) == ("ab", "xy")


def test_names_of_files_fit_every_system() -> None:
    assert file_name('a/b\\c:"<x>\r\n|?*', "md") == "a b c x.md"
    assert file_name("...", "md") == "chat.md"
    assert file_name("旅行", "json") == "旅行.json"
    assert len(file_name("x" * 500, "md")) == 83
