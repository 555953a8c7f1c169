"""One sink for every log line of the process, ours and the libraries', with the request id and without secrets."""

import json
import logging
import sys
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TextIO

import structlog

from omna.config import Log
from omna.observability.redaction import escape_controls, redact

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

# Libraries that report each step of their work at info.
_QUIET = ("aiohttp.access", "asyncio", "pgqueuer", "hypothesis", "stripe")

Event = MutableMapping[str, Any]


def get_logger(name: str) -> Any:
    """Return the logger of a module. Events are a short sentence; everything variable is a field.

    logger.info("request settled", cost="0.0012", tokens=42)
    """
    return structlog.get_logger(name)


@contextmanager
def request_bound(request_id: str) -> Iterator[None]:
    """Put `request_id` into every line that is logged inside, in this task and the tasks it starts."""
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        yield


def bind_request(request_id: str) -> None:
    """Put `request_id` into every line of the current task from here on.

    A server runs each request in a context of its own, so nothing has to be taken away at its end.
    """
    structlog.contextvars.bind_contextvars(request_id=request_id)


def bound_request() -> str | None:
    """Return the request that the current task serves, or None."""
    request_id: str | None = structlog.contextvars.get_contextvars().get("request_id")
    return request_id


def configure(settings: Log, stream: TextIO | None = None) -> None:
    """Send structlog, logging, warnings and uncaught exceptions through the redacting sink. Call once, at an entrance.

    stream  where lines go, standard error by default
    Errors  ValueError when level or format is not one of the documented words
    """
    sink = stream or sys.stderr
    level = _LEVELS.get(settings.level.lower())
    if level is None:
        raise ValueError(f"log.level: {settings.level!r} is not one of {', '.join(_LEVELS)}")
    if settings.format not in {"auto", "json", "console"}:
        raise ValueError(f"log.format: {settings.format!r} is not auto, json or console")
    as_json = settings.format == "json" or (settings.format == "auto" and not sink.isatty())

    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sink)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redact_event,
                _render_json if as_json else _render_console,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.captureWarnings(True)
    # Python prints an uncaught exception itself, past every handler: the last place where a secret could get out.
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def _redact_event(_logger: Any, _method: str, event: Event) -> Event:
    return {name: redact(value, name) for name, value in event.items()}


def _render_json(_logger: Any, _method: str, event: Event) -> str:
    line = {
        "time": event.pop("time", None),
        "level": event.pop("level", None),
        "event": event.pop("event", None),
        **event,
    }
    # JSON escapes C0 itself; the rest is escaped here in the form that JSON reads back.
    return escape_controls(json.dumps(line, ensure_ascii=False))


def _render_console(_logger: Any, _method: str, event: Event) -> str:
    time, level = str(event.pop("time", ""))[11:19], str(event.pop("level", ""))
    text, exception = str(event.pop("event", "")), event.pop("exception", None)
    event.pop("logger", None)
    fields = "  ".join(f"{name}={value}" for name, value in event.items())
    first = escape_controls(f"{time} {level:<7} {text}{'  ' if fields else ''}{fields}")
    if exception is None:
        return first
    # Every line of a traceback is marked, so that a message with a line feed cannot pass for a log line of its own.
    trace = "\n".join("  | " + escape_controls(line) for line in str(exception).split("\n"))
    return f"{first}\n{trace}"


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    get_logger("omna").critical("uncaught exception", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        _log_uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
