"""Find out whether a port is free, and if not, who has it."""

import errno
import socket
from pathlib import Path

_LISTENING = "0A"


def holder_of(host: str, port: int) -> str | None:
    """Return None when the port can be listened on, else who has it, for example `nginx (process 812)`.

    Errors  OSError when the host is not an address of this machine
    """
    if port == 0:
        return None
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as attempt:
        # As the gateway does: connections of an earlier run that are still fading away are no obstacle.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(address)
            attempt.listen(1)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return _name_of_holder(port) or "another program"
    return None


def _name_of_holder(port: int) -> str | None:
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(descriptor.readlink()) in sockets for descriptor in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            # Gone, or somebody else's: only root sees the files of others.
            continue
    return None


def _listening_inodes(port: int) -> list[str]:
    inodes = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.append(fields[9])
    return inodes
