"""Who has a port."""

import os
import socket

import pytest

from omna.launcher.ports import holder_of


def test_free_port_has_no_holder() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert holder_of("127.0.0.1", port) is None
    assert holder_of("127.0.0.1", 0) is None


def test_taken_port_names_the_program_and_its_process() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert (holder_of("127.0.0.1", listener.getsockname()[1]) or "").endswith(f"(process {os.getpid()})")


def test_address_of_another_machine_is_an_error() -> None:
    with pytest.raises(OSError, match="assign"):
        holder_of("192.0.2.1", 5108)
