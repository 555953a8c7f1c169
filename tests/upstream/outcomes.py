"""What every scenario comes to at the client's end, whatever dialect it speaks: the tables that tests compare with.

OPENAI, ANTHROPIC and GEMINI map the ids of the three sets of scenarios to a pair: what a stream comes to, and what an
answer in one piece does.
"""

import json
from dataclasses import dataclass
from typing import Any

from tests.upstream.anthropic_scenarios import USAGES as ANTHROPIC_USAGES
from tests.upstream.gemini_scenarios import USAGES as GEMINI_USAGES
from tests.upstream.scenarios import ODD_TEXT, PROMPT_TOKENS, TASK, TEXT, TOOL_ARGUMENTS, WORDS

Call = tuple[str, Any]


@dataclass(frozen=True)
class Answered:
    """A whole answer. `finish` is OpenAI's word; `usage` what is billed, None where the count is the gateway's own.

    text   None where it is the request, the connection or too long to tell
    """

    text: str | None = TEXT
    reasoning: str = ""
    refusal: str = ""
    calls: tuple[Call, ...] = ()
    finish: str = "stop"
    usage: tuple[int, int] | None = (PROMPT_TOKENS, len(WORDS))

    @property
    def is_text(self) -> bool:
        """Whether completions, which know nothing but text, can say all of it."""
        return not (self.reasoning or self.refusal or self.calls)

    @property
    def is_empty(self) -> bool:
        return self.text == "" and self.is_text


@dataclass(frozen=True)
class Refused:
    """An error with a status, or after a long silence an event: nothing was said, nothing is charged.

    calls   how often the provider was asked; silent: whether the status was committed before it was known
    """

    status: int
    code: str
    calls: int = 1
    silent: bool = False


@dataclass(frozen=True)
class Broken:
    """An answer that breaks off after `text`: an error event; what was delivered is charged and nothing else."""

    code: str
    text: str = TEXT


Outcome = Answered | Refused | Broken
Pair = tuple[Outcome, Outcome]


def _both(outcome: Outcome) -> Pair:
    return outcome, outcome


#: Refused before anything was said: status, code and the number of calls, streamed or not.
REFUSALS: dict[str, tuple[int, str, int]] = {
    "refuse-500": (502, "provider_error", 2),
    "status-400": (400, "invalid_value", 1),
    "status-401": (502, "provider_error", 1),
    "status-402": (502, "provider_error", 1),
    "status-403": (502, "provider_error", 1),
    "status-404": (404, "model_not_found", 1),
    "status-413": (413, "request_too_large", 1),
    "status-422": (400, "invalid_value", 1),
    "status-429": (429, "rate_limit_exceeded", 1),
    "status-429-hint": (429, "rate_limit_exceeded", 1),
    "status-502": (502, "provider_error", 2),
    "status-503": (503, "provider_overloaded", 1),
    "status-529": (503, "provider_overloaded", 1),
    "error-string": (400, "invalid_value", 1),
    "error-detail": (400, "invalid_value", 1),
    "error-message": (400, "invalid_value", 1),
    "error-html": (502, "provider_error", 2),
    "error-text": (503, "provider_overloaded", 1),
    "error-empty": (502, "provider_error", 2),
    "error-leaks": (502, "provider_error", 1),
    "context-length": (400, "context_length_exceeded", 1),
    "content-filter": (400, "content_policy_violation", 1),
    "quota": (503, "provider_unavailable", 1),
    "overloaded-ms": (503, "provider_overloaded", 1),
    "error-200": (502, "provider_error", 1),
    "error-200-list": (502, "provider_error", 1),
    "html-200": (502, "provider_error", 1),
    "html-as-json": (502, "provider_error", 1),
    "text-200": (502, "provider_error", 1),
    "malformed-json": (502, "provider_error", 1),
    "no-choices": (502, "provider_error", 1),
    "redirect": (502, "provider_error", 1),
    "gzip-answer": (502, "provider_error", 1),
    "big-headers": (502, "provider_error", 1),
    "many-headers": (502, "provider_error", 1),
    "malformed-http": (502, "provider_error", 1),
    "reset-before-headers": (502, "provider_error", 2),
    "fin-before-headers": (502, "provider_error", 2),
    "reset-after-role": (502, "provider_error", 2),
    "error-after-role": (502, "provider_error", 1),
    "fin-after-role": (502, "provider_error", 1),
    "big-line": (502, "provider_error", 1),
}

#: Broken off after the first delta: the code of the error event. What was delivered is charged.
BROKEN: dict[str, str] = {
    "hang-mid-stream": "timeout",
    "comments-mid-stream": "timeout",
    "empty-deltas-mid-stream": "timeout",
    "reset-mid-stream": "provider_error",
    "fin-mid-stream": "provider_error",
    "fin-mid-chunk": "provider_error",
    "error-mid-stream": "provider_error",
    "error-finish": "provider_error",
    "usage-then-cut": "provider_error",
    "error-after-finish": "provider_error",
}

#: One clean answer, however it was said: charged in full by the provider's usage.
CLEAN = [
    "ok", "json-for-stream", "stream-for-json", "crlf", "cr", "bom", "fields", "pings", "no-last-blank",
    "octet-stream", "no-done", "no-finish-usage", "finish-empty", "finish-twice", "role-every-chunk", "choices-null",
    "fin-after-finish", "usage-every-chunk", "usage-first-chunk", "usage-with-finish", "usage-null-choices",
    "usage-twice", "usage-wrong-total", "usage-details-null", "finish-end_turn", "finish-STOP", "finish-max_tokens",
    "finish-MAX_TOKENS", "finish-SAFETY", "finish-refusal", "finish-surprise", "hang-after-finish",
]  # fmt: skip

#: Usage that cannot be true: the local count is charged, flagged, never above the hold.
LIES = [
    "missing", "empty", "negative", "fraction", "string", "huge", "true", "contradictory", "prompt-only", "list",
    "zero", "nan", "infinite", "beyond-64-bits", "nested", "word", "prompt-zero", "prompt-huge", "cached-negative",
    "reasoning-huge", "duplicated",
]  # fmt: skip

_ERROR = Refused(502, "provider_error")
_RESET = Refused(502, "provider_error", calls=2)
_TIMEOUT = Refused(504, "timeout")
_SILENCE = Refused(504, "timeout", silent=True)
_FINISHES = {
    "finish-max_tokens": "length", "finish-MAX_TOKENS": "length",
    "finish-SAFETY": "content_filter", "finish-refusal": "content_filter",
}  # fmt: skip
_CALLS: tuple[Call, ...] = (
    ("get_weather", json.loads(TOOL_ARGUMENTS[0])),
    ("get_time", json.loads(TOOL_ARGUMENTS[1])),
)
_CALLED = Answered("", calls=_CALLS, finish="tool_calls")
_UNSURE = Answered(usage=None)
_THOUGHT = Answered(reasoning="let me think")

OPENAI: dict[str, Pair] = {
    **{name: _both(Refused(*refusal)) for name, refusal in REFUSALS.items()},
    **{f"status-{status}": _both(Refused(502, "provider_error")) for status in (405, 408, 418)},
    **{f"status-{status}": _both(Refused(502, "provider_error", 2)) for status in (500, 504, 520)},
    **{name: (Broken(code), _TIMEOUT if code == "timeout" else _ERROR) for name, code in BROKEN.items()},
    **{name: _both(Answered(finish=_FINISHES.get(name, "stop"))) for name in CLEAN},
    **{f"usage-{lie}": _both(_UNSURE) for lie in LIES},
    **{f"long-{n}": _both(Answered("tok " * n, usage=(PROMPT_TOKENS, n))) for n in (0, 1, 30)},
    **{
        f"tools-{form}": _both(_CALLED)
        for form in ("clean", "repeated", "empty", "null", "no-index", "index-zero", "whole", "object", "no-id")
    },
    **{f"reasoning-{field}": _both(_THOUGHT) for field in ("thinking", "reasoning", "reasoning_content")},
    "long-30-300": _both(Answered("tok " * 30, usage=(PROMPT_TOKENS, 30))),
    "ok-slow": _both(Answered("tok " * 4)),
    "slow-start": _both(Answered()),
    "n-choices": _both(Answered()),
    "echo": _both(Answered(None)),
    "reuse": _both(Answered(None)),
    "cookie": _both(Answered("none")),
    "unicode-separators": _both(Answered(ODD_TEXT)),
    "task": _both(Answered("", calls=TASK[:1], finish="tool_calls", usage=(20, 5))),
    "usage-details": _both(Answered()),
    "usage-media": _both(Answered()),
    "usage-reasoning-beside": _both(Answered(usage=(PROMPT_TOKENS, 24))),
    "finish-tool_use": _both(Answered()),
    # Nothing was said, and nothing is charged.
    "empty-answer": _both(Answered("", usage=None)),
    "empty-done": _both(Answered("", usage=None)),
    # Answers without usage.
    "no-finish-done": _both(_UNSURE),
    "invalid-utf8": _both(Answered("a\ufffdb", usage=None)),
    "lone-surrogate": _both(Answered("a\ufffdb", usage=None)),
    "nan": _both(Answered("a", usage=None)),
    "one-byte-chunks": _both(Answered("你好 " + TEXT)),
    "tools-no-arguments": _both(Answered("", calls=(("now", {}),), finish="tool_calls", usage=None)),
    "tools-same-id": _both(Answered("", calls=(("f", {}), ("f", {})), finish="tool_calls", usage=None)),
    "tools-late-name": _both(Answered("", calls=(("f", {"a": 1}),), finish="tool_calls", usage=None)),
    "tools-cut": _both(Answered("", calls=(("f", '{"a":'),), finish="length", usage=None)),
    "reasoning-parts": (Answered(reasoning="let me think", usage=None), _THOUGHT),
    "reasoning-details": _both(Answered(reasoning="hm", usage=None)),
    "refusal": (Answered("", refusal="I will not", usage=None), Answered("", refusal="I will not")),
    # Silence and cuts.
    "hang-before-headers": (_SILENCE, _TIMEOUT),
    "hang-after-headers": (_SILENCE, _TIMEOUT),
    "hang-comments": (_SILENCE, _TIMEOUT),
    "hang-mid-json": _both(_TIMEOUT),
    "hang-after-finish": (Answered(), _TIMEOUT),
    "fin-mid-json": _both(_RESET),
    "fin-after-finish": (Answered(), _RESET),
    "fin-mid-chunk": (Broken("provider_error"), _RESET),
    "reset-mid-stream": (Broken("provider_error"), _RESET),
    "malformed-event": (Broken("provider_error", "The"), _ERROR),
    "error-event": (Broken("provider_error", "The"), _ERROR),
    # Cut at the bound that was held; an answer in one piece has no bound but its size.
    "endless": (Answered(None, finish="length", usage=None), _ERROR),
    "endless-json": _both(_ERROR),
}

_LOOK = Answered("Look:", calls=_CALLS, finish="tool_calls")

ANTHROPIC: dict[str, Pair] = {
    **dict.fromkeys(
        ("ok", "pings", "json-for-stream", "stream-for-json", "no-message-stop", "server-tool", "stop-sequence",
         "stop-pause_turn", "stop-surprise", "stop-tool_use"),
        _both(Answered()),
    ),
    **dict.fromkeys(("overloaded-mid-stream", "leaks-mid-stream", "fin-mid-stream"), (Broken("provider_error"), _ERROR)),
    **dict.fromkeys(("fin-mid-chunk", "reset-mid-stream"), (Broken("provider_error"), _RESET)),
    **dict.fromkeys(("hang-mid-stream", "pings-mid-stream"), (Broken("timeout"), _TIMEOUT)),
    **dict.fromkeys(("hang-before-headers", "hang-pings"), (_SILENCE, _TIMEOUT)),
    **dict.fromkeys(("leaks", "overloaded-at-once", "overloaded-after-start", "not-a-message", "html"), _both(_ERROR)),
    "empty": _both(Answered("", usage=None)),
    "echo": _both(Answered(None)),
    "tools": _both(_LOOK),
    "tools-empty": _both(Answered("", calls=(("now", {}),), finish="tool_calls")),
    "thinking": _both(_THOUGHT),
    "stop-max_tokens": _both(Answered(finish="length")),
    "stop-model_context_window_exceeded": _both(Answered(finish="length")),
    "stop-refusal": _both(Answered(finish="content_filter")),
    "cache": _both(Answered(usage=(PROMPT_TOKENS + 7, len(WORDS)))),
    **{f"usage-{name}": _both(_UNSURE) for name in ANTHROPIC_USAGES},
    "unicode-separators": _both(Answered(ODD_TEXT)),
    "one-byte-chunks": _both(Answered("你好 " + TEXT)),
    "bad-request": _both(Refused(400, "invalid_value")),
    "rate-limited": _both(Refused(429, "rate_limit_exceeded")),
    "overloaded": _both(Refused(503, "provider_overloaded")),
}  # fmt: skip

GEMINI: dict[str, Pair] = {
    "ok": _both(Answered()),
    "echo": _both(Answered(None)),
    "tools": _both(
        Answered(
            "",
            calls=(("get_weather", {"city": "你好"}), ("get_weather", {"city": "Rome"})),
            finish="tool_calls",
            usage=(PROMPT_TOKENS, 20),
        )
    ),
    "thinking": _both(Answered(reasoning="let me think", usage=(PROMPT_TOKENS, 11))),
    "filtered": _both(Answered(finish="content_filter")),
    **{f"usage-{name}": _both(_UNSURE) for name in GEMINI_USAGES},
    "unicode-separators": _both(Answered(ODD_TEXT)),
    "one-byte-chunks": _both(Answered("你好 " + TEXT)),
    "cut-after-finish": (Answered(), _RESET),
    "cut-mid-stream": (Broken("provider_error"), _ERROR),
    "error-mid-stream": (Broken("provider_error"), _ERROR),
    "reset-mid-stream": (Broken("provider_error"), _RESET),
    "hang-mid-stream": (Broken("timeout"), _TIMEOUT),
    "hang-before-headers": (_SILENCE, _TIMEOUT),
    "malformed-call": _both(_ERROR),
    "bad-key": _both(_ERROR),
    "blocked": _both(Refused(400, "content_policy_violation")),
    "too-long": _both(Refused(400, "context_length_exceeded")),
    "invalid": _both(Refused(400, "invalid_value")),
    "limited": _both(Refused(429, "rate_limit_exceeded")),
    "overloaded": _both(Refused(503, "provider_overloaded")),
}
