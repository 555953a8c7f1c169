"""Processes: what this one is called, and children, which never outlive the process that started them."""

import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable

#: What the process above a gateway worker sends it to begin a drain: the server itself only says so when all is over.
DRAIN_SIGNAL = signal.SIGUSR1

_PR_SET_PDEATHSIG = 1

#: PostgreSQL cuts longer names.
_LONGEST_NAME = 63
_part = "omna"


def be(part: str) -> None:
    """Say once, at an entrance, what this process is: `gateway` or `worker`."""
    global _part
    _part = f"omna {part}"


def name() -> str:
    """Return what this process is and where, as the database shows it: `omna gateway host-1/4242`."""
    return f"{_part} {socket.gethostname()[:36]}/{os.getpid()}"[:_LONGEST_NAME]


def follow_parent(death_signal: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """Return a `preexec_fn`: the kernel sends `death_signal` to the child when its parent ends, even by SIGKILL.

    The kernel watches the *thread* that forked: start such children from the main thread. It forgets the wish when
    the child changes its user, so Popen's `user` must be used for that, which acts before `preexec_fn`.
    Elsewhere than on Linux this does nothing.
    """
    if not sys.platform.startswith("linux"):
        return _nothing
    # Looked up before the fork: a child of a process with threads must not import or take locks.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()
    number = int(death_signal)

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def _nothing() -> None:
    """There is no such wish on this system."""
