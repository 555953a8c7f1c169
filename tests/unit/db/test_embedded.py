"""How a server is addressed, and how another user's directory is opened for it."""

import os
import stat
from pathlib import Path

from asyncpg.connect_utils import _parse_connect_dsn_and_args

from omna.db.embedded import make_url
from omna.db.service_account import Account, open_software, open_way


def test_url_keeps_a_socket_path_with_spaces_and_signs() -> None:
    url = make_url(Path("/srv/o m&na=ü/socket"), "omna", "omna")
    addresses, parameters = _parse_connect_dsn_and_args(
        dsn=url, host=None, port=None, user=None, password=None, passfile=None, database=None, ssl=None,
        direct_tls=None, server_settings=None, target_session_attrs=None, krbsrvname=None, gsslib=None,
        service=None, servicefile=None,
    )  # fmt: skip
    assert addresses == ["/srv/o m&na=ü/socket/.s.PGSQL.5432"]
    assert (parameters.user, parameters.database) == ("omna", "omna")


def test_way_is_opened_for_walking_and_never_for_reading(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    target = closed / "open" / "target"
    target.mkdir(parents=True)
    for folder, mode in ((closed, 0o700), (closed / "open", 0o755), (target, 0o700)):
        folder.chmod(mode)
    open_way(target, Account(os.getuid() + 12345, os.getgid() + 12345))
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (closed, closed / "open", target)] == [
        0o701,
        0o755,
        0o700,
    ]


def test_way_stays_closed_when_the_server_runs_as_ourselves(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "target").mkdir(parents=True)
    closed.chmod(0o700)
    open_way(closed / "target", Account())
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_software_under_a_strict_umask_becomes_readable(tmp_path: Path) -> None:
    binary, data = tmp_path / "software" / "bin" / "postgres", tmp_path / "software" / "share" / "timezone"
    for path, mode in ((binary, 0o700), (data, 0o600)):
        path.parent.mkdir(parents=True, mode=0o700)
        path.touch()
        path.chmod(mode)
    open_software(tmp_path / "software", Account(os.getuid() + 12345, os.getgid() + 12345))
    assert stat.S_IMODE(binary.stat().st_mode) == 0o705
    assert stat.S_IMODE(data.stat().st_mode) == 0o604
