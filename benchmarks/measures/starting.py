"""How long does the second `omna up` take until a real model has given a billed answer?"""

import json
import time
from pathlib import Path

from benchmarks import omna
from benchmarks.bench import Bench
from benchmarks.load.connections import LoadError, connect, excerpt, exchange
from benchmarks.processes import Child, ProcessError, choose_port, running
from benchmarks.report import Finding, Outcome, Table
from benchmarks.wire import Target

TARGET_SECONDS = 10.0
PATIENCE_SECONDS = 180.0
MODEL = "openrouter-free"


def measure_start(bench: Bench) -> Outcome:
    """Start Omna twice in a data directory of its own, with the local model, and time both first answers."""
    directory = bench.directory / "up"
    directory.mkdir()
    first = _start(directory)
    second = _start(directory)
    outcome = Outcome()
    finding = Finding(
        "second start of `omna up` to the first billed answer", "≤ 10 s", f"{second:.1f} s", second <= TARGET_SECONDS
    )
    outcome.findings = [finding]
    rows = (("first start: database made, migrated, filled", f"{first:.1f}"), ("second start", f"{second:.1f}"))
    outcome.tables = [Table("Start", ("", "seconds to the first billed answer"), rows)]
    return outcome


def _start(directory: Path) -> float:
    port = choose_port()
    command = [omna.program(), "up", "--port", str(port), "--data", str(directory / "data")]
    environment = omna.clean_environment(directory) | {"OMNA_SERVER_METRICS_PORT": "0"}
    started = time.monotonic()
    with running("omna up", command, directory / "up.log", environment) as child:
        key = _read_key(child, started + PATIENCE_SECONDS)
        _ask(Target("127.0.0.1", port, MODEL, (key,)))
        return time.monotonic() - started


def _read_key(child: Child, ends: float) -> str:
    """Return the key that `omna up` prints once everything is ready."""
    printed = ""
    while (left := ends - time.monotonic()) > 0:
        printed += child.read_line(left) + "\n"
        try:
            return omna.find_key(printed)
        except ProcessError:
            continue
    raise ProcessError(f"`omna up` printed no key\n{printed[-1000:]}")


def _ask(target: Target) -> None:
    """Ask for a short answer and make sure that it was charged."""
    body = {"model": target.model, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}
    content = json.dumps(body).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: {target.host}:{target.port}\r\n"
        f"authorization: Bearer {target.keys[0]}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    with connect(target) as connection:
        answer = exchange(connection, head.encode() + content)
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise LoadError(f"the first answer is an error: {excerpt(answer)}")
    usage = json.loads(answer.partition(b"\r\n\r\n")[2])["usage"]
    if not usage.get("cost"):
        raise LoadError(f"the first answer was not charged: {usage}")
