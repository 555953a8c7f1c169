"""The units: systemd takes them, they are locked in, and stopping one waits for its streams."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.common import DEPLOY, NOUNS, settings, stops_in_time

FOLDER = DEPLOY / "systemd"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))
HARDENING = FOLDER / "omna-.service.d" / "hardening.conf"
EXAMPLE = DEPLOY / "container" / "omna.example.toml"

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")


def options(unit: str) -> list[tuple[str, str]]:
    lines = (FOLDER / unit).read_text().splitlines() + HARDENING.read_text().splitlines()
    return [(name, value) for name, sign, value in (line.partition("=") for line in lines) if sign and name[0] != "#"]


def one(unit: str, wanted: str) -> str:
    [value] = [value for name, value in options(unit) if name == wanted]
    return value


def environment_of(unit: str) -> dict[str, str]:
    pairs = [value.replace("%i", "1").partition("=") for name, value in options(unit) if name == "Environment"]
    return {name: value for name, _, value in pairs}


def seconds(text: str) -> int:
    [(number, unit)] = re.findall(r"^(\d+)(min)?$", text)
    return int(number) * (60 if unit else 1)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units with a program that exists here."""
    place = tmp_path / "units"
    shutil.copytree(FOLDER, place)
    for path in place.glob("*.service"):
        path.write_text(path.read_text().replace("/opt/omna/bin/omna", sys.executable))
    return place


def analyze(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{place}:"},
    )  # fmt: skip


@needs_systemd
def test_systemd_takes_them(installed: Path) -> None:
    names = [name.replace("@.", "@1.") for name in UNITS]
    told = analyze(installed, "verify", "--man=no", "--recursive-errors=one", *names)
    ours = [line for line in told.stderr.splitlines() if "omna" in line]
    assert (told.returncode, ours) == (0, []), told.stderr


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_unit_is_locked_in(installed: Path, unit: str) -> None:
    told = analyze(installed, "security", "--offline=yes", "--no-pager", "--threshold=20", str(installed / unit))
    if "nrecognized option" in told.stderr:
        pytest.skip("this systemd cannot look at a file")
    assert told.returncode == 0, told.stdout[-400:] + told.stderr


@pytest.mark.parametrize("unit", UNITS)
def test_unit_runs_a_command_with_settings_that_exist(unit: str, tmp_path: Path) -> None:
    program, command = one(unit, "ExecStart").split()
    assert program == "/opt/omna/bin/omna"
    assert command in NOUNS
    assert int(one(unit, "MemoryMax")[:-1]) > 0
    found = settings(environment_of(unit), EXAMPLE.read_text(), tmp_path)
    assert str(found.data).endswith(one(unit, "StateDirectory").replace("%i", "1"))
    if command == "serve":
        stops_in_time(found, seconds(one(unit, "TimeoutStopSec")))
        assert found.server.trusted_proxies == "127.0.0.1"
    if command == "worker":
        assert seconds(one(unit, "TimeoutStopSec")) > found.server.drain_seconds + 10
    if command != "migrate":
        # Told to stop by systemd too, the workers would stop at once.
        assert one(unit, "KillMode") == "mixed"


def test_proxy_asks_the_ports_of_the_first_two() -> None:
    serve = "omna-serve@.service"
    port = environment_of(serve)["OMNA_SERVER_PORT"]
    assert port != environment_of(serve)["OMNA_SERVER_METRICS_PORT"]
    for name in ("haproxy.cfg", "nginx.conf"):
        text = (DEPLOY / "proxy" / name).read_text()
        assert f"127.0.0.1:{port}" in text
        assert f"127.0.0.1:{port[:-1]}2" in text
