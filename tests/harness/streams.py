"""The linter of each endpoint's streams: a stream that was read to its end has been through it."""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.harness.completions_linter import read_completions_stream
from tests.harness.linter import read_stream
from tests.harness.messages_linter import read_messages_stream
from tests.harness.responses_linter import read_responses_stream


def lint(path: str, asked: Any, raw: bytes) -> None:
    """Assert that a complete stream keeps the rules of its endpoint.

    asked   the body of the request, or its bytes: it says whether usage is part of the stream
    Errors  AssertionError naming the rule it breaks
    """
    linter = _LINTERS.get(path.partition("?")[0])
    assert linter is not None, f"there is no linter for the streams of {path}"
    linter(raw, _asks_usage(asked, raw))


def came_to_its_end(raw: bytes) -> bool:
    """Return whether the last event of a stream was read, by which every endpoint's streams can be told to be whole."""
    return _LAST_EVENT.search(raw) is not None


def _asks_usage(asked: Any, raw: bytes) -> bool:
    if isinstance(asked, bytes):
        try:
            asked = json.loads(asked)
        except ValueError:  # compressed: then every chunk says it
            return b'"usage":null' in raw
    options = asked.get("stream_options") if isinstance(asked, dict) else None
    return isinstance(options, dict) and options.get("include_usage") is True


_LAST_EVENT = re.compile(
    rb"(?:^|\n\n)(?:data: \[DONE\]|event: (?:message_stop|response\.(?:completed|incomplete|failed))\n[^\n]*)\n\n\Z"
)
_LINTERS: dict[str, Callable[[bytes, bool], object]] = {
    "/v1/chat/completions": lambda raw, usage: read_stream(raw, include_usage=usage),
    "/v1/completions": lambda raw, usage: read_completions_stream(raw, include_usage=usage),
    "/v1/messages": lambda raw, usage: read_messages_stream(raw),
    "/v1/responses": lambda raw, usage: read_responses_stream(raw),
}
