"""Who runs the embedded server. PostgreSQL refuses to run as root, so root lends it an account without rights."""

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "omna-postgres"
# Tried in this order when the system cannot make an account (no useradd, a read-only /etc).
STAND_INS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """The user and group a server process runs as; both None: as ourselves."""

    user: int | None = None
    group: int | None = None

    @property
    def is_other(self) -> bool:
        return self.user is not None


def choose_account(cluster: Path) -> Account:
    """Return the account for a cluster: ourselves, or, when we are root, the cluster's owner or the service account.

    Errors  PermissionError when the cluster belongs to another user, or no account can be used
    """
    owner = cluster.stat() if cluster.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise PermissionError(f"{cluster} belongs to user {_name(owner.st_uid)}; run Omna as that user or as root")
        return Account()
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in (ACCOUNT, *STAND_INS):
        found = _find(name) or (_make() if name == ACCOUNT else None)
        if found is not None:
            return found
    raise PermissionError(
        "PostgreSQL does not run as root, and there is no other account:"
        f" run Omna as a user, or `useradd --system {ACCOUNT}`"
    )


def give(path: Path, account: Account) -> None:
    """Make a directory and everything in it belong to the account."""
    if account.user is None or account.group is None:
        return
    os.chown(path, account.user, account.group)
    for folder, folders, files in os.walk(path):
        for name in folders + files:
            os.chown(os.path.join(folder, name), account.user, account.group, follow_symlinks=False)


def open_way(path: Path, account: Account) -> None:
    """Let the account walk to `path`: o+x (never o+r) on those parents that it cannot traverse."""
    if not account.is_other:
        return
    for parent in reversed(path.resolve().parents):
        status = parent.stat()
        if not _may_traverse(status, account):
            parent.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)


def open_software(folder: Path, account: Account) -> None:
    """Let the account read and run installed software, which a strict umask may have kept from it."""
    if not account.is_other or not folder.exists():
        return
    open_way(folder, account)
    for parent, _, files in os.walk(folder):
        _allow(parent, stat.S_IROTH | stat.S_IXOTH)
        for name in files:
            path = os.path.join(parent, name)
            _allow(path, stat.S_IROTH | (stat.S_IXOTH if os.stat(path).st_mode & stat.S_IXUSR else 0))


def _allow(path: str, rights: int) -> None:
    mode = stat.S_IMODE(os.stat(path).st_mode)
    if mode & rights != rights:
        os.chmod(path, mode | rights)


def _may_traverse(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.user:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.group:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def _make() -> Account | None:
    options = [
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    ]
    try:
        subprocess.run(["useradd", *options, ACCOUNT], capture_output=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    # Looked up whatever useradd said: another process may have made it at the same moment.
    return _find(ACCOUNT)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
