"""The body an upstream is sent: the caller's fields untouched, the adapter's own in place."""

from typing import Any

import msgspec
import pytest

from omna.providers.base import Call, Failure, FailureKind, Timeouts
from omna.providers.openai_habits import COMMON, Habits, chat_body, choices, completions_body, responses_body

BODY = {
    "model": "public-name",
    "messages": [{"role": "developer", "content": "x", "name": "n"}, {"role": "user", "content": "y"}],
    "max_tokens": 5,
    "max_completion_tokens": 6,
    "temperature": 0.1,
    "custom": {"deep": [1, None, "你"]},
    "big": 10**30,
}
CALL = Call(BODY, "upstream-name", 100, "req_1", Timeouts())


def test_stream_asks_for_usage_and_bounds_the_output() -> None:
    body = chat_body(CALL, COMMON, stream=True)
    assert body["model"] == "upstream-name"
    assert body["max_tokens"] == 100
    assert "max_completion_tokens" not in body
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert (body["custom"], body["temperature"], body["big"]) == (BODY["custom"], 0.1, 10**30)


def test_non_stream_sends_no_stream_options() -> None:
    call = Call(BODY | {"stream_options": {"include_usage": True}}, "m", 1, "r", Timeouts())
    body = chat_body(call, COMMON, stream=False)
    assert body["stream"] is False
    assert "stream_options" not in body


def test_stream_options_of_the_caller_are_kept_beside_usage() -> None:
    call = Call({"stream_options": {"include_usage": False, "include_obfuscation": False}}, "m", 1, "r", Timeouts())
    options = chat_body(call, COMMON, stream=True)["stream_options"]
    assert options == {"include_usage": True, "include_obfuscation": False}


def test_habits_of_a_host_are_followed() -> None:
    body = chat_body(CALL, Habits("max_completion_tokens", stream_options=False, developer_role=True), stream=True)
    assert body["max_completion_tokens"] == 100
    assert "max_tokens" not in body
    assert "stream_options" not in body
    assert body["messages"][0]["role"] == "developer"


def test_developer_becomes_system_where_it_is_unknown_and_the_caller_s_body_is_not_changed() -> None:
    messages = chat_body(CALL, COMMON, stream=True)["messages"]
    assert messages == [{"role": "system", "content": "x", "name": "n"}, {"role": "user", "content": "y"}]
    assert BODY["messages"][0]["role"] == "developer"  # type: ignore[index]
    assert BODY["max_tokens"] == 5


def sent(habits: Habits, **body: Any) -> dict[str, Any]:
    before = msgspec.json.encode(body)
    result = chat_body(Call(body, "m", 100, "r", Timeouts()), habits, stream=False)
    assert msgspec.json.encode(body) == before, "the caller's body was changed"
    return result


THOUGHTFUL = {
    "role": "assistant",
    "content": "y",
    "reasoning_content": "why",
    "reasoning": "why",
    "reasoning_details": [{"type": "reasoning.text", "text": "why"}],
}


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ((), {}),
        (("reasoning_content",), {"reasoning_content": "why"}),
        (("reasoning_details",), {"reasoning_details": THOUGHTFUL["reasoning_details"]}),
        (
            ("reasoning", "reasoning_details"),
            {"reasoning": "why", "reasoning_details": THOUGHTFUL["reasoning_details"]},
        ),
    ],
)
def test_reasoning_in_history_goes_only_where_the_row_says(kept: tuple[str, ...], expected: dict[str, Any]) -> None:
    plain = {"role": "user", "content": "x"}
    messages = sent(Habits(reasoning_history=kept), messages=[plain, THOUGHTFUL])["messages"]
    assert messages == [plain, {"role": "assistant", "content": "y"} | expected]


def test_plain_reasoning_is_told_under_the_name_the_host_knows() -> None:
    message = {"role": "assistant", "content": "y", "reasoning": "why"}
    habits = Habits(reasoning_history=("reasoning_content",))
    assert sent(habits, messages=[message])["messages"] == [
        {"role": "assistant", "content": "y", "reasoning_content": "why"}
    ]


MARK = {"type": "ephemeral"}
MARKED = {
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "a", "cache_control": MARK}, "odd"]},
        {"role": "tool", "tool_call_id": "c", "content": "r", "cache_control": MARK},
        "odd",
    ],
    "tools": [{"type": "function", "function": {"name": "f"}, "cache_control": MARK}],
    "cache_control": MARK,
}


@pytest.mark.parametrize("takes", [(), ("top_k",), ("reasoning", "top_k")])
def test_what_a_translation_adds_goes_only_to_hosts_that_know_it(takes: tuple[str, ...]) -> None:
    fields = {"reasoning": {"max_tokens": 9}, "top_k": 5, "verbosity": "low"}
    translated = Call({"messages": [], **fields}, "m", 100, "r", Timeouts(), dialect="messages", native={"x": 1})
    body = chat_body(translated, Habits(takes=takes), stream=False)
    assert {name for name in fields if name in body} == set(takes)
    # A chat client's own fields are its own business.
    own = chat_body(Call({"messages": [], **fields}, "m", 100, "r", Timeouts()), Habits(takes=takes), stream=False)
    assert fields.items() <= own.items()


def test_cache_control_is_kept_where_it_is_known() -> None:
    body = sent(Habits(cache_control=True), **MARKED)
    assert {name: body[name] for name in MARKED} == MARKED


def test_cache_control_is_removed_everywhere_else() -> None:
    body = sent(COMMON, **MARKED)
    assert b"cache_control" not in msgspec.json.encode(body)
    assert body["messages"][0] == {"role": "system", "content": [{"type": "text", "text": "a"}, "odd"]}
    assert body["tools"] == [{"type": "function", "function": {"name": "f"}}]


@pytest.mark.parametrize("n", [2, 128])
def test_more_choices_than_a_host_gives_are_refused(n: int) -> None:
    with pytest.raises(Failure) as raised:
        sent(Habits(choices=False), n=n)
    assert (raised.value.kind, raised.value.param) == (FailureKind.UNSUPPORTED, "n")
    assert sent(COMMON, n=n)["n"] == n


@pytest.mark.parametrize("n", [1, None])
def test_one_choice_is_never_refused(n: int | None) -> None:
    assert sent(Habits(choices=False), n=n)["n"] == n


def test_fields_are_renamed_and_dropped_as_the_row_says() -> None:
    body = sent(Habits(renamed=(("seed", "random_seed"),), dropped=("user",)), seed=7, user="u", store=False)
    assert (body["random_seed"], body["store"]) == (7, False)
    assert not {"seed", "user"} & set(body)


def completion_call(**body: Any) -> Call:
    return Call(body, "m", 100, "r", Timeouts(), dialect="completions")


def test_completions_are_bounded_under_their_own_name() -> None:
    body = completions_body(
        completion_call(prompt="a", max_tokens=9, best_of=2), Habits("max_completion_tokens"), stream=True
    )
    assert body == {
        "prompt": "a",
        "best_of": 2,
        "model": "m",
        "max_tokens": 100,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_host_without_completions_says_so() -> None:
    with pytest.raises(Failure) as raised:
        completions_body(completion_call(prompt="a"), Habits(completions=False), stream=True)
    assert (raised.value.kind, raised.value.param) == (FailureKind.UNSUPPORTED, None)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, 1), ({"n": 3}, 3), ({"prompt": "a", "n": 2}, 2), ({"prompt": ["a", "b"], "n": 2}, 4),
        ({"prompt": [1, 2, 3]}, 1), ({"prompt": [[1], [2]]}, 2), ({"prompt": []}, 1), ({"n": True}, 1),
    ],
)  # fmt: skip
def test_choices_are_counted_per_prompt(body: dict[str, Any], expected: int) -> None:
    assert choices(completion_call(**body)) == expected


def test_native_responses_body_is_bounded_and_stores_nothing() -> None:
    native = {"model": "public", "input": "x", "max_output_tokens": 10**6, "store": True, "custom": [1]}
    call = Call({}, "m", 100, "r", Timeouts(), dialect="responses", native=native)
    assert responses_body(call, native, stream=True) == {
        "model": "m",
        "input": "x",
        "max_output_tokens": 100,
        "store": False,
        "custom": [1],
        "stream": True,
    }
    assert native["store"] is True
