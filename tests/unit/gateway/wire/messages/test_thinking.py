from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.gateway.wire.messages.thinking import Step, redacted_entry, steps, thinking_entry


def test_reasoning_without_entries_is_one_step() -> None:
    assert list(steps("hm", None)) == [Step("thinking", "hm", None)]
    assert list(steps(None, None)) == []


def test_text_of_entries_is_not_told_twice() -> None:
    entry = {"type": "reasoning.text", "text": "hm", "signature": "s", "index": 3}
    assert list(steps("hm", [entry])) == [Step("thinking", "hm", 3), Step("signature", "s", 3)]


def test_text_of_entries_that_says_something_else_is_not_believed() -> None:
    assert list(steps("hm", [{"type": "reasoning.text", "text": "other", "index": 3}])) == [
        Step("thinking", "hm", None)
    ]
    assert list(steps(None, [{"type": "reasoning.text", "text": "unpaid", "index": 3}])) == []


@pytest.mark.parametrize("form", ["openai-responses-v1", "google-gemini-v1", "anthropic-claude-v1", "xai.v2"])
@pytest.mark.parametrize("identifier", [None, "rs_0123"])
def test_sealed_reasoning_comes_back_as_it_was(form: str, identifier: str | None) -> None:
    entry: dict[str, Any] = {"type": "reasoning.encrypted", "data": "c2VhbGVk+/=", "format": form, "index": 0}
    if identifier is not None and form != "anthropic-claude-v1":
        entry["id"] = identifier
    [step] = steps(None, [entry])
    assert redacted_entry(step.text, 0) == entry
    [signature] = steps(None, [{"type": "reasoning.text", "signature": "c2ln", "format": form, "index": 0}])
    assert thinking_entry("hm", signature.text, 0) == {
        "type": "reasoning.text", "text": "hm", "signature": "c2ln", "format": form, "index": 0,
    }  # fmt: skip


def test_what_anthropic_sealed_is_not_touched() -> None:
    assert [step.text for step in steps(None, [{"signature": "EqQB:", "format": "anthropic-claude-v1"}])] == ["EqQB:"]
    assert thinking_entry("hm", "", 1) == {
        "type": "reasoning.text", "text": "hm", "format": "anthropic-claude-v1", "index": 1,
    }  # fmt: skip


@given(st.text())
def test_every_text_can_be_given_back(text: str) -> None:
    assert redacted_entry(text, 0)["type"] == "reasoning.encrypted"
    assert thinking_entry("", text, 0)["type"] == "reasoning.text"
