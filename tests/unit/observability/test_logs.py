"""Every path into the log ends in the same sink."""

import asyncio
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from omna.config import Log
from omna.observability import logs

KEY = "omna_" + "A" * 43 + "_" + "b" * 6


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(False)


def lines_of(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_line_carries_time_level_event_and_fields() -> None:
    stream = io.StringIO()
    logs.configure(Log(format="json"), stream)
    logs.get_logger("omna.test").info("request settled", tokens=42, model="vendor/m")
    [line] = lines_of(stream)
    assert line["event"] == "request settled"
    assert line["level"] == "info"
    assert line["logger"] == "omna.test"
    assert line["tokens"] == 42
    assert str(line["time"]).endswith("Z")


def test_levels_below_the_configured_one_are_dropped() -> None:
    stream = io.StringIO()
    logs.configure(Log(level="warning", format="json"), stream)
    logs.get_logger("omna.test").info("quiet")
    logging.getLogger("library").info("quiet")
    logs.get_logger("omna.test").warning("loud")
    assert [line["event"] for line in lines_of(stream)] == ["loud"]


def test_library_lines_pass_the_same_redaction() -> None:
    stream = io.StringIO()
    logs.configure(Log(format="json"), stream)
    logging.getLogger("library").warning("sent %s", f"Bearer {KEY}", extra={"password": "swordfish"})
    text = stream.getvalue()
    assert KEY not in text
    assert "swordfish" not in text
    assert lines_of(stream)[0]["logger"] == "library"


@pytest.mark.parametrize("style", ["json", "console"])
def test_exception_text_and_traceback_are_redacted_and_cannot_forge_a_line(style: str) -> None:
    stream = io.StringIO()
    logs.configure(Log(format=style), stream)
    try:
        raise ValueError(f"bad key {KEY}\n2026-01-01 error forged line\x1b[31m")
    except ValueError:
        logs.get_logger("omna.test").exception("failed", detail="two\nlines")
    text = stream.getvalue()
    assert "ValueError" in text
    assert KEY not in text
    assert "\x1b" not in text
    first, *rest = text.splitlines()
    assert "failed" in first
    assert all(line.startswith("  | ") for line in rest)


@pytest.mark.parametrize("style", ["json", "console"])
def test_control_characters_of_an_event_are_escaped(style: str) -> None:
    stream = io.StringIO()
    logs.configure(Log(format=style), stream)
    logs.get_logger("omna.test").info("name", value="a\nb\x1b[2J\u2028\u202e\x9b")
    text = stream.getvalue()
    assert len(text.splitlines()) == 1
    assert not set(text[:-1]) & set("\n\x1b\u2028\u202e\x9b")
    if style == "json":
        assert lines_of(stream)[0]["value"] == "a\nb\x1b[2J\u2028\u202e\x9b"


async def test_request_id_follows_the_task_and_its_children() -> None:
    stream = io.StringIO()
    logs.configure(Log(format="json"), stream)
    logger = logs.get_logger("omna.test")

    async def child() -> None:
        logger.info("child")

    async def request(name: str) -> None:
        with logs.request_bound(name):
            await asyncio.create_task(child())

    await asyncio.gather(request("req_1"), request("req_2"))
    logger.info("outside")
    lines = lines_of(stream)
    assert sorted(str(line["request_id"]) for line in lines[:2]) == ["req_1", "req_2"]
    assert "request_id" not in lines[2]


def test_uncaught_exceptions_go_through_the_sink() -> None:
    stream = io.StringIO()
    logs.configure(Log(format="json"), stream)
    error = RuntimeError(f"token {KEY}")
    sys.excepthook(RuntimeError, error, None)

    def fail() -> None:
        raise error

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert KEY not in stream.getvalue()
    assert [line["event"] for line in lines_of(stream)] == ["uncaught exception"] * 2


@pytest.mark.parametrize("settings", [Log(level="loud"), Log(format="xml")])
def test_unknown_level_or_format_is_refused(settings: Log) -> None:
    with pytest.raises(ValueError, match=r"log\."):
        logs.configure(settings, io.StringIO())
