"""Functions of the old way, as tools."""

from typing import Any

from omna.providers.legacy_functions import uses_functions, with_tools

FUNCTION = {"name": "f", "parameters": {"type": "object"}}


def test_functions_become_tools_one_call_at_a_time() -> None:
    body: dict[str, Any] = {"functions": [FUNCTION], "function_call": {"name": "f"}, "temperature": 1}
    assert with_tools(body) == {
        "tools": [{"type": "function", "function": FUNCTION}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "parallel_tool_calls": False,
        "temperature": 1,
    }
    assert with_tools({"functions": [FUNCTION], "function_call": "none"})["tool_choice"] == "none"
    assert uses_functions(body)


def test_history_gets_ids_from_its_places() -> None:
    call = {"name": "f", "arguments": "{}"}
    messages = with_tools(
        {
            "messages": [
                {"role": "user", "content": "x"},
                {"role": "assistant", "content": None, "function_call": call},
                {"role": "function", "name": "f", "content": "1"},
                {"role": "assistant", "content": None, "function_call": call},
                {"role": "function", "name": "f", "content": "2"},
                "odd",
            ]
        }
    )["messages"]
    assert messages == [
        {"role": "user", "content": "x"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "function_1", "type": "function", "function": call}],
        },
        {"role": "tool", "tool_call_id": "function_1", "content": "1"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "function_3", "type": "function", "function": call}],
        },
        {"role": "tool", "tool_call_id": "function_3", "content": "2"},
        "odd",
    ]


def test_body_without_anything_of_it_is_the_same_object() -> None:
    body = {"messages": [{"role": "user", "content": "x"}], "tools": [1], "functions": None}
    assert with_tools(body) is body
    assert not uses_functions(body)
