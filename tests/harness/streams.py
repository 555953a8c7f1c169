"""The linter of each endpoint's streams: a stream that was read to its end has been through it."""

from collections.abc import Callable
from typing import Any

from tests.harness.completions_linter import read_completions_stream
from tests.harness.linter import read_stream
from tests.harness.messages_linter import read_messages_stream
from tests.harness.responses_linter import read_responses_stream


def lint(path: str, body: Any, raw: bytes) -> None:
    """Assert that a complete stream keeps the rules of its endpoint.

    body    the request, from which is known whether usage was asked for
    Errors  AssertionError naming the rule it breaks
    """
    linter = _LINTERS.get(path.partition("?")[0])
    assert linter is not None, f"there is no linter for the streams of {path}"
    linter(raw, _asks_usage(body))


def _asks_usage(body: Any) -> bool:
    options = body.get("stream_options") if isinstance(body, dict) else None
    return isinstance(options, dict) and options.get("include_usage") is True


_LINTERS: dict[str, Callable[[bytes, bool], object]] = {
    "/v1/chat/completions": lambda raw, usage: read_stream(raw, include_usage=usage),
    "/v1/completions": lambda raw, usage: read_completions_stream(raw, include_usage=usage),
    "/v1/messages": lambda raw, usage: read_messages_stream(raw),
    "/v1/responses": lambda raw, usage: read_responses_stream(raw),
}
