"""Serve metrics on a port of their own.

A gateway runs several worker processes, so each writes its numbers to files in one directory, and the process above
them serves the sum. The files of a worker that died are folded into one archive: deleting them would make counters
fall, which Prometheus reads as a restart and turns into a false burst of traffic.
"""

import os
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path
from wsgiref.simple_server import WSGIServer

import prometheus_client
from prometheus_client import CollectorRegistry
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

#: What prometheus_client calls the directory; worker processes inherit it.
DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


class MetricsServer:
    """The running metrics endpoint. `port` is the one it listens on, also when the system chose it."""

    def __init__(self, server: WSGIServer, thread: threading.Thread) -> None:
        self._server, self._thread = server, thread
        self.port: int = server.server_port

    def close(self) -> None:
        """Stop listening; returns when the port is free."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def prepare_directory(data: Path) -> Path:
    """Return an empty directory for this process and the workers it will start, and drop those of dead predecessors.

    data    the data directory; several gateways may share it
    """
    parent = data / "metrics"
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for other in parent.iterdir():
        if other.name == str(os.getpid()) or not (other.name.isdigit() and _is_alive(int(other.name))):
            shutil.rmtree(other, ignore_errors=True)
    directory = parent / str(os.getpid())
    directory.mkdir(mode=0o700)
    return directory


def serve_metrics(host: str, port: int, directory: Path) -> MetricsServer:
    """Serve the sum of all processes that report in `directory`. Call it above the workers, never on the public port.

    port    0 lets the system choose
    Errors  OSError when the address cannot be used
    """
    registry = CollectorRegistry()
    registry.register(_Collector(directory))
    return serve_registry(host, port, registry)


def serve_registry(host: str, port: int, registry: CollectorRegistry) -> MetricsServer:
    """Serve the numbers of this process alone. Errors: OSError when the address cannot be used."""
    server, thread = prometheus_client.start_http_server(port, host, registry)
    return MetricsServer(server, thread)


class _Collector(MultiProcessCollector):
    """The sum of the files in a directory, which folds the files of dead processes away before it adds up."""

    def __init__(self, directory: Path) -> None:
        super().__init__(None, str(directory))  # type: ignore[no-untyped-call]
        self._directory = directory
        self._lock = threading.Lock()

    def collect(self) -> Iterable[prometheus_client.Metric]:
        with self._lock:  # two scrapes at once must not fold the same file twice
            fold_dead(self._directory)
            metrics: Iterable[prometheus_client.Metric] = super().collect()  # type: ignore[no-untyped-call]
            return metrics


def fold_dead(directory: Path) -> None:
    """Add the counters and histograms of dead processes to the archive (process id 0) and delete their files."""
    for path in sorted(directory.glob("*_*.db")):
        kind, _, process = path.stem.rpartition("_")
        if not process.isdigit() or int(process) == 0 or _is_alive(int(process)):
            continue
        if not kind.startswith("gauge"):
            archive = MmapedDict(str(directory / f"{kind}_0.db"))
            for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path)):
                archive.write_value(key, archive.read_value(key)[0] + value, 0.0)
            archive.close()
        path.unlink()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A child that ended and was not waited for still has its id, and will not count any more.
    try:
        stat = Path(f"/proc/{process}/stat").read_text("ascii", "replace")
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] != "Z"
