"""What a process takes of its machine: memory and open files."""

import os
import resource
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge

_STATUS = Path("/proc/self/statm")
_FILES = Path("/proc/self/fd")


class ProcessGauges:
    """Gauges of this process; `read` sets them. On a system without /proc they stay at 0."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.memory = Gauge(
            "omna_process_memory_bytes",
            "Resident memory, of the gateway processes together, or of a worker",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.files = Gauge(
            "omna_process_open_files",
            "Open files and sockets of the process that has most",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self.most_files = Gauge(
            "omna_process_open_files_limit",
            "How many one process may have",
            registry=registry,
            multiprocess_mode="livemin",
        )

    def read(self) -> None:
        """Look at this process."""
        try:
            self.memory.set(int(_STATUS.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE"))
            self.files.set(len(os.listdir(_FILES)))
        except OSError:
            return
        self.most_files.set(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
