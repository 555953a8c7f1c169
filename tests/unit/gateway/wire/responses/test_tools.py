from typing import Any

import pytest

from omna.errors import InvalidRequest, InvalidValue, UnsupportedParameter
from omna.gateway.wire.responses.tools import Tools, chat_choice, check_choice, without_paid_tools

LOOK = {"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": True, "description": "Looks."}
PATCH = {
    "type": "custom", "name": "apply_patch", "description": "Edits files.",
    "format": {"type": "grammar", "syntax": "lark", "definition": "start: patch"},
}  # fmt: skip


def names(tools: Tools) -> list[str]:
    return [tool["function"]["name"] for tool in tools.chat_form()]


def test_function_gets_its_wrapper_and_keeps_what_it_says() -> None:
    assert Tools({"tools": [LOOK]}).chat_form() == [
        {
            "type": "function",
            "function": {
                "name": "look", "description": "Looks.", "parameters": {"type": "object"}, "strict": True,
            },
        }
    ]  # fmt: skip


def test_function_without_more_than_a_name_gets_nothing_made_up() -> None:
    [tool] = Tools({"tools": [{"type": "function", "name": "now"}]}).chat_form()
    assert tool == {"type": "function", "function": {"name": "now"}}


def test_custom_tool_becomes_a_function_with_one_text_and_the_grammar_in_words() -> None:
    [tool] = Tools({"tools": [PATCH]}).chat_form()
    assert tool["function"]["name"] == "apply_patch"
    assert tool["function"]["parameters"]["required"] == ["input"]
    assert tool["function"]["description"].startswith("Edits files.")
    assert "lark" in tool["function"]["description"]
    assert "start: patch" in tool["function"]["description"]


def test_tools_without_a_chat_form_are_left_out() -> None:
    assert Tools({"tools": [{"type": "local_shell"}, {"type": "tool_search"}, {"type": "new"}, LOOK]}).chat_form() != []
    assert names(Tools({"tools": [{"type": "local_shell"}, LOOK]})) == ["look"]


def test_tools_of_namespaces_and_of_input_items_are_found() -> None:
    body = {
        "tools": [],
        "input": [
            {"type": "additional_tools", "tools": [{"type": "namespace", "name": "files", "tools": [LOOK]}, PATCH]},
            {"type": "tool_search_output", "tools": [{"type": "function", "name": "late"}]},
            {"type": "message", "tools": [{"type": "function", "name": "not_here"}]},
        ],
    }
    tools = Tools(body)
    assert names(tools) == ["look", "apply_patch", "late"]
    called = tools.called("look")
    assert called is not None
    assert (called.name, called.namespace) == ("look", "files")
    assert tools.chat_name("look", "files") == "look"


def test_names_that_collide_get_their_namespace_and_stay_within_the_longest() -> None:
    spaces = ["a", "b", "c" * 90, "c" * 91]
    tools = Tools({"tools": [{"type": "namespace", "name": space, "tools": [LOOK]} for space in spaces]})
    found = names(tools)
    assert found[:2] == ["look", "b__look"]
    assert len(set(found)) == 4
    assert all(len(name) <= 64 for name in found)
    for space, name in zip(spaces, found, strict=True):
        called = tools.called(name)
        assert called is not None
        assert called.namespace == space
        assert tools.chat_name("look", space) == name


def test_tool_that_is_declared_again_replaces_the_earlier_one() -> None:
    [tool] = Tools({"tools": [LOOK, LOOK | {"description": "Newer."}]}).chat_form()
    assert tool["function"]["description"] == "Newer."


@pytest.mark.parametrize(
    "kind", ["web_search", "web_search_preview", "web_search_preview_2025_03_11", "image_generation"]
)
def test_offers_that_cost_extra_are_taken_out(kind: str) -> None:
    assert without_paid_tools([{"type": kind}, LOOK], "tools") == [LOOK]
    nested = [{"type": "namespace", "name": "n", "tools": [{"type": kind}, LOOK]}]
    assert without_paid_tools(nested, "tools") == [{"type": "namespace", "name": "n", "tools": [LOOK]}]


@pytest.mark.parametrize("kind", ["namespace", "local_shell", "tool_search", "shell", "apply_patch", "brand_new"])
def test_unknown_tool_types_are_kept_as_they_are(kind: str) -> None:
    tool = {"type": kind, "x": [1]}
    assert without_paid_tools([tool], "tools") == [tool]


@pytest.mark.parametrize(
    ("tools", "kind", "param"),
    [
        *(([LOOK, {"type": paid}], UnsupportedParameter, "tools[1].type")
          for paid in ("file_search", "code_interpreter", "computer_use_preview", "mcp")),
        ([{"type": "shell", "environment": {"type": "container_auto"}}], UnsupportedParameter, "tools[0].type"),
        ([{"type": "namespace", "name": "n", "tools": [{"type": "mcp"}]}], UnsupportedParameter, "tools[0].tools[0].type"),
        *((value, InvalidValue, "tools") for value in ({}, "x", 1, True)),
        *(([value], InvalidValue, "tools[0]") for value in (None, "x", 1, [])),
        *(([{"type": value}], InvalidValue, "tools[0].type") for value in (None, "", 1, [], {})),
        *(([{"type": "function", "name": value}], InvalidValue, "tools[0].name") for value in (None, "", 1, "x" * 257)),
        ([{"type": "function", "function": {"name": "chat_form"}}], InvalidValue, "tools[0].name"),
        ([LOOK | {"parameters": "x"}], InvalidValue, "tools[0].parameters"),
        ([LOOK | {"strict": "yes"}], InvalidValue, "tools[0].strict"),
        ([PATCH | {"description": 1}], InvalidValue, "tools[0].description"),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
def test_bad_tool_is_refused_and_its_field_is_named(tools: Any, kind: type[InvalidRequest], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        without_paid_tools(tools, "tools")
    assert (type(refused.value), refused.value.param) == (kind, param)


@pytest.mark.parametrize(
    ("choice", "expected", "offered"),
    [
        (None, None, 2),
        ("auto", "auto", 2),
        ("none", "none", 2),
        ("required", "required", 2),
        ({"type": "function", "name": "look"}, {"type": "function", "function": {"name": "look"}}, 2),
        ({"type": "custom", "name": "apply_patch"}, {"type": "function", "function": {"name": "apply_patch"}}, 2),
        ({"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "look"}]}, "required", 1),
        ({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "web_search"}]}, "auto", 0),
        ({"type": "local_shell"}, None, 2),
    ],
)
def test_choice_of_a_tool_is_translated(choice: Any, expected: Any, offered: int) -> None:
    found, tools = chat_choice(check_choice(choice), Tools({"tools": [LOOK, PATCH]}))
    assert (found, len(tools)) == (expected, offered)


@pytest.mark.parametrize(
    ("choice", "kind", "param"),
    [
        *((value, InvalidValue, "tool_choice") for value in ("any", 1, True, [], {}, {"type": 1})),
        ({"type": "web_search"}, UnsupportedParameter, "tool_choice.type"),
        ({"type": "mcp", "server_label": "x"}, UnsupportedParameter, "tool_choice.type"),
        ({"type": "function"}, InvalidValue, "tool_choice.name"),
        ({"type": "function", "function": {"name": "x"}}, InvalidValue, "tool_choice.name"),
        ({"type": "allowed_tools", "tools": []}, InvalidValue, "tool_choice.mode"),
        ({"type": "allowed_tools", "mode": "auto", "tools": "x"}, InvalidValue, "tool_choice.tools"),
        ({"type": "allowed_tools", "mode": "auto", "tools": [1]}, InvalidValue, "tool_choice.tools"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_bad_choice_is_refused(choice: Any, kind: type[InvalidRequest], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_choice(choice)
    assert (type(refused.value), refused.value.param) == (kind, param)
