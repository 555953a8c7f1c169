from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omna.errors import InvalidRequest, InvalidValue, MissingRequiredParameter, OmnaError, UnsupportedParameter
from omna.gateway.model import Call
from omna.gateway.wire.completions.request import LARGEST_CHOICES, parse_completions
from omna.gateway.wire.fields import LARGEST_MAX_TOKENS, LARGEST_N
from tests.unit.gateway.made import REQUEST


def parse(**changes: Any) -> Call:
    body: dict[str, Any] = {"model": "small", "prompt": "Once", **changes}
    return parse_completions({name: value for name, value in body.items() if value is not ...}, REQUEST, 1.5)


def test_plain_body_is_a_call_with_defaults() -> None:
    call = parse()
    assert (call.model_id, call.dialect, call.max_tokens, call.choices) == ("small", "completions", None, 1)
    assert (call.streamed, call.include_usage, call.echo, call.native) == (False, False, (), None)
    assert call.body == {"model": "small", "prompt": "Once"}
    assert call.prompt_tokens == 1


def test_known_and_unknown_fields_are_kept() -> None:
    fields = {"suffix": "end", "stop": ["x"], "logprobs": 2, "seed": 1, "top_k": 4, "user": "u", "temperature": 0}
    assert parse(**fields).body == {"model": "small", "prompt": "Once"} | fields
    assert parse(suffix="a b c d").prompt_tokens == 5


@pytest.mark.parametrize(
    ("prompt", "prompts", "tokens"),
    [("Once", 1, 1), ("", 1, 1), (["Once", "Twice upon"], 2, 4), ([1, 2, 3], 1, 3), ([[1, 2], [3]], 2, 3), ([""], 1, 1)],
)  # fmt: skip
def test_prompt_has_four_forms_and_every_one_is_answered_n_times(prompt: Any, prompts: int, tokens: int) -> None:
    call = parse(prompt=prompt, n=3)
    assert (call.choices, call.prompt_tokens) == (3 * prompts, tokens)


def test_echo_stays_here_and_stands_before_every_answer_of_its_prompt() -> None:
    call = parse(prompt=["a", "b"], n=2, echo=True)
    assert call.echo == ("a", "a", "b", "b")
    assert "echo" not in call.body
    assert parse(echo=False).echo == ()


def test_stream_with_usage() -> None:
    call = parse(stream=True, stream_options={"include_usage": True}, max_tokens=5, n=2, best_of=2)
    assert (call.streamed, call.include_usage, call.max_tokens, call.choices) == (True, True, 5, 2)


COUNTS = [0, -1, 1.0, "5", True, [], {}, 10**30]


@pytest.mark.parametrize(
    ("changes", "kind", "param"),
    [
        ({"model": ...}, MissingRequiredParameter, "model"),
        ({"prompt": ...}, MissingRequiredParameter, "prompt"),
        ({"prompt": None}, MissingRequiredParameter, "prompt"),
        ({"prompt": ..., "messages": []}, InvalidValue, "messages"),
        *(({"prompt": value}, InvalidValue, "prompt")
          for value in ([], {}, 1, True, [True], [-1], [2**31], [1.0], ["a", 1], [[1], "a"], [[]], [[1], []], [None])),
        *(({"n": value}, InvalidValue, "n") for value in [*COUNTS, LARGEST_N + 1]),
        ({"n": LARGEST_N, "prompt": ["x"] * (LARGEST_CHOICES // LARGEST_N + 1)}, InvalidValue, "n"),
        *(({"max_tokens": value}, InvalidValue, "max_tokens") for value in [*COUNTS, LARGEST_MAX_TOKENS + 1]),
        ({"best_of": 2}, UnsupportedParameter, "best_of"),
        ({"n": 3, "best_of": 2}, InvalidValue, "best_of"),
        ({"best_of": "2"}, InvalidValue, "best_of"),
        ({"suffix": 1}, InvalidValue, "suffix"),
        ({"echo": "yes"}, InvalidValue, "echo"),
        ({"echo": True, "logprobs": 0}, UnsupportedParameter, "echo"),
        ({"echo": True, "prompt": [1, 2]}, UnsupportedParameter, "echo"),
        ({"stream": "true"}, InvalidValue, "stream"),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
def test_bad_value_is_refused_and_its_field_is_named(
    changes: dict[str, Any], kind: type[InvalidRequest], param: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(**changes)
    assert (type(refused.value), refused.value.param) == (kind, param)


@pytest.mark.parametrize("name", ["n", "best_of", "max_tokens", "suffix", "echo", "stream", "logprobs", "stop"])
def test_null_is_the_same_as_absent(name: str) -> None:
    call = parse(**{name: None})
    assert (call.choices, call.max_tokens, call.echo, call.streamed) == (1, None, (), False)


SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3) | st.floats(allow_nan=False)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner))
NAMES = [
    "prompt",
    "suffix",
    "echo",
    "n",
    "best_of",
    "logprobs",
    "stream",
    "stream_options",
    "max_tokens",
    "stop",
    "model",
]


def parsed(changes: dict[str, Any]) -> Call | None:
    try:
        return parse(**changes)
    except OmnaError as error:
        if not error.param:
            raise AssertionError("an error that names no field") from error
        return None


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_any_body_is_a_call_or_an_error_that_names_a_field(changes: dict[str, Any]) -> None:
    call = parsed(changes)
    if call is not None:
        assert call.prompt_tokens > 0
        assert 1 <= call.choices <= LARGEST_CHOICES
        assert len(call.echo) in (0, call.choices)
