from typing import Any

import pytest

from omna.errors import InvalidRequest, InvalidValue, UnsupportedParameter
from omna.gateway.wire.responses.history import messages
from omna.gateway.wire.responses.tools import Tools

FORMAT = "openai-responses-v1"


def read(*items: Any, **fields: Any) -> list[dict[str, Any]]:
    body = {"input": list(items)} | fields
    return messages(body, Tools(body))


def user(text: str = "hi") -> dict[str, Any]:
    return {"role": "user", "content": text}


def call(number: int, arguments: str = "{}") -> dict[str, Any]:
    return {
        "type": "function_call",
        "id": f"fc_{number}",
        "call_id": f"call_{number}",
        "name": "f",
        "arguments": arguments,
    }


def chat_call(number: int, name: str = "f", arguments: str = "{}") -> dict[str, Any]:
    return {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}


def output(number: int, content: Any = "done") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": f"call_{number}", "output": content}


def test_text_is_a_message_of_the_user_behind_the_instructions() -> None:
    assert messages({"input": "hi"}, Tools({})) == [user()]
    assert messages({"input": "hi", "instructions": "Be brief."}, Tools({})) == [
        {"role": "system", "content": "Be brief."}, user(),
    ]  # fmt: skip


def test_messages_with_text_or_parts_of_every_kind() -> None:
    found = read(
        {"role": "developer", "content": "rules"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed",
         "content": [{"type": "output_text", "text": "a", "annotations": []}, {"type": "output_text", "text": "b"}]},
        {"role": "user", "content": [
            {"type": "input_text", "text": "see"},
            {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
            {"type": "input_image", "image_url": "data:image/png;base64,AA==", "file_id": None},
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="},
            {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
        ]},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
    )  # fmt: skip
    assert found == [
        {"role": "developer", "content": "rules"},
        user(),
        {"role": "assistant", "content": "ab"},
        {"role": "user", "content": [
            {"type": "text", "text": "see"},
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
            {"type": "file", "file": {"file_data": "data:application/pdf;base64,AA==", "filename": "a.pdf"}},
            {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
        ]},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
    ]  # fmt: skip


def test_calls_in_a_row_belong_to_one_message_and_outputs_follow() -> None:
    assert read(user(), call(1), call(2), output(1), output(2), call(3), output(3)) == [
        user(),
        {"role": "assistant", "content": None, "tool_calls": [chat_call(1), chat_call(2)]},
        {"role": "tool", "tool_call_id": "call_1", "content": "done"},
        {"role": "tool", "tool_call_id": "call_2", "content": "done"},
        {"role": "assistant", "content": None, "tool_calls": [chat_call(3)]},
        {"role": "tool", "tool_call_id": "call_3", "content": "done"},
    ]


def test_text_beside_calls_is_of_the_same_message_in_either_order() -> None:
    said = {"role": "assistant", "content": "I look."}
    together = {"role": "assistant", "content": "I look.", "tool_calls": [chat_call(1)]}
    assert read(user(), said, call(1), output(1))[1] == together
    assert read(user(), call(1), said, output(1))[1] == together
    twice = read(user(), said, call(1), said, output(1))[1]
    assert twice["content"] == [{"type": "text", "text": "I look."}] * 2
    assert [message["content"] for message in read(user(), said, said)] == ["hi", "I look.", "I look."]


def test_output_may_be_parts_with_pictures() -> None:
    image = {"type": "input_image", "image_url": "data:image/png;base64,AA=="}
    [_, _, result] = read(user(), call(1), output(1, [{"type": "input_text", "text": "see"}, image]))
    assert result["content"] == [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
    ]
    assert read(user(), call(1), output(1, [{"type": "input_text", "text": "x"}]))[2]["content"] == "x"


def test_reasoning_goes_with_what_came_of_it() -> None:
    thought = {
        "type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}],
        "encrypted_content": "gAAA",
    }  # fmt: skip
    plain = {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "so"}]}
    found = read(user(), thought, call(1), plain, call(2), output(1))
    assert found[1]["reasoning_content"] == "hm\n\nso"
    assert found[1]["reasoning_details"] == [
        {"type": "reasoning.text", "text": "hm", "format": FORMAT, "index": 0},
        {"type": "reasoning.encrypted", "data": "gAAA", "format": FORMAT, "index": 0},
        {"type": "reasoning.text", "text": "so", "format": FORMAT, "index": 1},
    ]
    assert read(thought, user(), {"role": "assistant", "content": "x"}) == [
        user(),
        {"role": "assistant", "content": "x"},
    ]
    empty = {"type": "reasoning", "summary": []}
    assert read(user(), empty, {"role": "assistant", "content": "x"})[1] == {"role": "assistant", "content": "x"}


def test_calls_of_other_tools_are_calls_too() -> None:
    found = read(
        user(),
        {"type": "custom_tool_call", "call_id": "call_1", "name": "apply_patch", "input": "*** 你好"},
        {"type": "custom_tool_call_output", "call_id": "call_1", "output": "ok"},
        {"type": "local_shell_call", "id": "call_2", "call_id": None, "action": {"type": "exec", "command": ["ls"]}},
        {"type": "local_shell_call_output", "id": "call_2", "output": "a.txt"},
        {"type": "shell_call", "call_id": "call_3", "action": {"commands": ["ls"]}},
        {"type": "shell_call_output", "call_id": "call_3", "output": [{"stdout": "a", "outcome": {"type": "exit"}}]},
        {"type": "apply_patch_call", "call_id": "call_4", "operation": {"type": "delete_file", "path": "a"}},
        {"type": "apply_patch_call_output", "call_id": "call_4", "status": "completed"},
    )
    calls = [made["function"] for message in found for made in message.get("tool_calls", ())]
    assert calls == [
        {"name": "apply_patch", "arguments": '{"input":"*** 你好"}'},
        {"name": "local_shell", "arguments": '{"type":"exec","command":["ls"]}'},
        {"name": "shell", "arguments": '{"commands":["ls"]}'},
        {"name": "apply_patch", "arguments": '{"type":"delete_file","path":"a"}'},
    ]
    results = [(m["tool_call_id"], m["content"]) for m in found if m["role"] == "tool"]
    assert results == [
        ("call_1", "ok"), ("call_2", "a.txt"), ("call_3", '[{"stdout":"a","outcome":{"type":"exit"}}]'), ("call_4", ""),
    ]  # fmt: skip


def test_call_of_a_tool_in_a_namespace_has_the_name_the_model_was_offered() -> None:
    f = {"type": "function", "name": "f"}
    found = read(
        {"type": "additional_tools", "tools": [f, {"type": "namespace", "name": "n", "tools": [f]}]},
        user(), {**call(1), "namespace": "n"}, call(2),
    )  # fmt: skip
    assert [made["function"]["name"] for made in found[1]["tool_calls"]] == ["n__f", "f"]


@pytest.mark.parametrize(
    "kind", ["web_search_call", "compaction", "ghost_snapshot", "tool_search_call", "agent_message", "computer_call"]
)
def test_items_without_a_chat_form_are_left_out(kind: str) -> None:
    assert read(user(), {"type": kind, "status": "completed"}) == [user()]


def test_conversation_that_says_nothing_is_refused() -> None:
    with pytest.raises(InvalidValue) as refused:
        read({"type": "compaction", "encrypted_content": "x"})
    assert refused.value.param == "input"


@pytest.mark.parametrize(
    ("item", "kind", "param"),
    [
        *((value, InvalidValue, "") for value in (None, "x", 1, [])),
        *(({"type": value}, InvalidValue, ".type") for value in (None, "brand_new", "", 1, [], {})),
        ({"type": "item_reference", "id": "msg_1"}, UnsupportedParameter, ".type"),
        *(({"role": value, "content": "x"}, InvalidValue, ".role") for value in ("tool", "bot", 1, None)),
        *(({"role": "user", "content": value}, InvalidValue, ".content") for value in (None, 1, {})),
        *(({"role": "user", "content": [value]}, InvalidValue, ".content[0]") for value in (None, "x", 1)),
        *(({"role": "user", "content": [{"type": value}]}, InvalidValue, ".content[0].type")
          for value in (None, "text", "image_url", 1, [])),
        ({"role": "user", "content": [{"type": "input_text"}]}, InvalidValue, ".content[0].text"),
        *(({"role": "user", "content": [{"type": "input_image", "image_url": value}]}, InvalidValue, ".content[0].image_url")
          for value in (None, {"url": "https://a"}, "http://a", "file:///etc/passwd")),
        ({"role": "user", "content": [{"type": "input_image", "file_id": "file-1"}]}, UnsupportedParameter,
         ".content[0].file_id"),
        ({"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]}, UnsupportedParameter,
         ".content[0].file_id"),
        ({"role": "user", "content": [{"type": "input_file", "file_url": "https://a"}]}, UnsupportedParameter,
         ".content[0].file_url"),
        ({"role": "user", "content": [{"type": "input_file"}]}, InvalidValue, ".content[0].file_data"),
        ({"role": "user", "content": [{"type": "input_audio"}]}, InvalidValue, ".content[0].input_audio"),
        ({**call(1), "call_id": None}, InvalidValue, ".call_id"),
        ({**call(1), "name": 1}, InvalidValue, ".name"),
        ({**call(1), "arguments": {}}, InvalidValue, ".arguments"),
        ({"type": "function_call_output", "output": "x"}, InvalidValue, ".call_id"),
        ({"type": "reasoning", "summary": "x"}, InvalidValue, ".summary"),
        ({"type": "reasoning", "summary": [{"text": 1}]}, InvalidValue, ".summary[0].text"),
        ({"type": "reasoning", "summary": [1]}, InvalidValue, ".summary[0]"),
        ({"type": "reasoning", "summary": [], "encrypted_content": 1}, InvalidValue, ".encrypted_content"),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
def test_bad_item_is_refused_and_its_field_is_named(item: Any, kind: type[InvalidRequest], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(user(), item)
    assert (type(refused.value), refused.value.param) == (kind, f"input[1]{param}")
