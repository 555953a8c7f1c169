"""A linter for the bytes of a Responses stream: every stream of the suite goes through it."""

import json
from dataclasses import dataclass, field
from typing import Any

OBJECT_KEYS = {
    "id", "object", "created_at", "completed_at", "status", "background", "error", "incomplete_details",
    "instructions", "max_output_tokens", "max_tool_calls", "metadata", "model", "output", "parallel_tool_calls",
    "presence_penalty", "frequency_penalty", "previous_response_id", "prompt_cache_key", "reasoning",
    "safety_identifier", "service_tier", "store", "temperature", "text", "tool_choice", "tools", "top_logprobs",
    "top_p", "truncation", "usage", "user",
}  # fmt: skip
USAGE_KEYS = {
    "input_tokens", "input_tokens_details", "output_tokens", "output_tokens_details", "total_tokens", "cost",
    "cost_details",
}  # fmt: skip
_ENDS = {"response.completed", "response.incomplete", "response.failed"}
_FALSE_LINE_ENDS = ("\x85", "\u2028", "\u2029", "\r")
#: The delta of each kind of content: its `done`, and the field of the `done` that the deltas add up to.
_CONTENT = {
    "response.output_text.delta": ("response.output_text.done", "text"),
    "response.refusal.delta": ("response.refusal.done", "refusal"),
    "response.reasoning_summary_text.delta": ("response.reasoning_summary_text.done", "text"),
    "response.function_call_arguments.delta": ("response.function_call_arguments.done", "arguments"),
    "response.custom_tool_call_input.delta": ("response.custom_tool_call_input.done", "input"),
}
_DONE = {done: (delta, name) for delta, (done, name) in _CONTENT.items()}
_ITEM_PREFIX = {"message": "msg_", "reasoning": "rs_", "function_call": "fc_", "custom_tool_call": "ctc_"}


@dataclass
class Reading:
    """What a stream said. `error` is set when it broke; `response` is the object of the last event."""

    events: list[dict[str, Any]] = field(default_factory=list)
    items: list[dict[str, Any]] = field(default_factory=list)
    response: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    comments: int = 0

    @property
    def content(self) -> str:
        """The text of all messages."""
        return self._texts("message", "content", "text")

    @property
    def reasoning(self) -> str:
        return self._texts("reasoning", "summary", "text")

    @property
    def calls(self) -> list[tuple[str, str, str]]:
        """Call id, name and arguments of every function call."""
        return [
            (item["call_id"], item["name"], item["arguments"])
            for item in self.response["output"]
            if item["type"] == "function_call"
        ]

    def _texts(self, kind: str, parts: str, name: str) -> str:
        items = [item for item in self.response["output"] if item["type"] == kind]
        return "".join(part.get(name, "") for item in items for part in item[parts])


def read_responses_stream(raw: bytes) -> Reading:
    """Return what a complete stream said.

    Errors  AssertionError naming the rule it breaks
    """
    reading = Reading()
    text = raw.decode("utf-8")
    for character in _FALSE_LINE_ENDS:
        assert character not in text, f"an unescaped {character!r}"
    assert text.endswith("\n\n"), "the stream ends inside an event"
    for block in text[:-2].split("\n\n"):
        if block.startswith(":"):
            assert "\n" not in block, "a comment of several lines"
            reading.comments += 1
            continue
        lines = block.split("\n")
        assert len(lines) == 2, f"an event has one name and one line of data: {block!r}"
        assert lines[0].startswith("event: ")
        assert lines[1].startswith("data: {"), "no [DONE] in this dialect"
        event = json.loads(lines[1].removeprefix("data: "), parse_constant=_refuse_constant)
        assert lines[0].removeprefix("event: ") == event["type"], "the name is the type"
        assert event["sequence_number"] == len(reading.events), "numbers from 0 without gaps"
        reading.events.append(event)
    _read_events(reading)
    return reading


def check_object(body: dict[str, Any]) -> None:
    """Assert what every response object holds."""
    assert set(body) == OBJECT_KEYS, set(body) ^ OBJECT_KEYS
    assert body["object"] == "response"
    assert body["id"].startswith("resp_")
    assert (body["background"], body["store"], body["previous_response_id"]) == (False, False, None)
    assert (body["completed_at"] is not None) is (body["status"] == "completed")
    assert (body["incomplete_details"] is not None) is (body["status"] == "incomplete")
    assert (body["error"] is not None) is (body["status"] == "failed")
    if body["usage"] is not None:
        assert set(body["usage"]) == USAGE_KEYS
        assert set(body["usage"]["input_tokens_details"]) == {"cached_tokens", "cache_write_tokens"}
        assert set(body["usage"]["output_tokens_details"]) == {"reasoning_tokens"}
    ids = [item["id"] for item in body["output"]]
    assert len(set(ids)) == len(ids), "item ids are unique"
    for item in body["output"]:
        assert item["id"].startswith(_ITEM_PREFIX[item["type"]])
        assert item["status"] in ("completed", "incomplete")


def _refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def _read_events(reading: Reading) -> None:
    kinds = [event["type"] for event in reading.events]
    assert kinds[:2] == ["response.created", "response.in_progress"], "the response begins"
    assert kinds[-1] in _ENDS, "the last event ends the response"
    for event in reading.events[:2]:
        check_object(event["response"])
        assert event["response"]["status"] == "in_progress"
        assert event["response"]["output"] == []
    middle = reading.events[2:-1]
    if kinds[-1] == "response.failed":
        assert kinds[-2] == "error", "an error comes before the failed response"
        reading.error = middle.pop()
        _check_error(reading.error)
    last = reading.events[-1]["response"]
    check_object(last)
    assert f"response.{last['status']}" == kinds[-1]
    first = reading.events[0]["response"]
    for name in OBJECT_KEYS - {"status", "output", "usage", "error", "incomplete_details", "completed_at"}:
        assert last[name] == first[name], f"{name} changed"
    reading.response = last
    _read_items(middle, reading)
    if reading.error is None:
        assert last["output"] == reading.items, "the response holds the items as they were done"
        assert isinstance(last["usage"], dict), "every complete response is billed"
    else:
        done = len(reading.items)
        assert last["output"][:done] == reading.items
        assert len(last["output"]) <= done + 1, "one item is open at a time"


def _check_error(event: dict[str, Any]) -> None:
    assert {"type", "sequence_number", "code", "message", "param", "error"} == set(event)
    assert {"type", "code", "message", "param"} == set(event["error"])
    assert event["error"]["code"] == event["code"]
    assert event["code"]


def _read_items(events: list[dict[str, Any]], reading: Reading) -> None:
    opened: dict[str, Any] | None = None
    part: dict[str, Any] | None = None
    parts = 0
    said: str | None = None
    for event in events:
        kind = event["type"]
        if kind == "response.output_item.added":
            assert opened is None, "one item is open at a time"
            assert event["output_index"] == len(reading.items)
            opened, parts, part, said = event["item"], 0, None, None
            assert opened["status"] == "in_progress"
            if opened["type"] in ("function_call", "custom_tool_call"):
                said = ""
            continue
        assert opened is not None, f"{kind} without an item"
        assert event["output_index"] == len(reading.items)
        if kind == "response.output_item.done":
            assert part is None, "an item that ends inside a part"
            assert opened["type"] == event["item"]["type"]
            assert opened["id"] == event["item"]["id"]
            assert event["item"]["status"] != "in_progress"
            assert said is None, "arguments that were not done"
            reading.items.append(event["item"])
            opened = None
            continue
        assert event["item_id"] == opened["id"]
        index = event.get("content_index", event.get("summary_index"))
        if kind in ("response.content_part.added", "response.reasoning_summary_part.added"):
            assert part is None, "one part is open at a time"
            assert index == parts
            part, said = event["part"], ""
            assert part.get("text", part.get("refusal")) == ""
        elif kind in ("response.content_part.done", "response.reasoning_summary_part.done"):
            assert part is not None
            assert index == parts
            assert said is None, "a part that was not done"
            assert event["part"]["type"] == part["type"]
            part, parts = None, parts + 1
        elif kind in _CONTENT:
            assert said is not None, f"{kind} outside a part"
            assert event["delta"], "an empty delta"
            said += event["delta"]
        else:
            assert kind in _DONE, f"an unknown event {kind}"
            assert said == event[_DONE[kind][1]], "the deltas add up"
            said = None
        if index is not None:
            assert index == parts - (kind.endswith("part.done"))
        if kind in ("response.output_text.delta", "response.output_text.done"):
            assert isinstance(event["logprobs"], list)
    assert opened is None or reading.error is not None, "an item that was not done"
