"""The pages about deploying speak of files, services, units and settings that exist."""

import re
from pathlib import Path

import pytest

from omna import __version__
from tests.deploy.common import DEPLOY, ROOT, VARIABLES, documents

PAGES = [ROOT / "docs" / "operations" / f"{name}.md" for name in ("deploying", "replicas", "upgrading")]
SERVICES = documents(DEPLOY / "container" / "compose.yaml")[0]["services"]


def commands(path: Path) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_what_it_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    assert set(re.findall(r"\bOMNA_[A-Z_]+", text)) <= VARIABLES
    for name in re.findall(r"(?<![\w/])deploy/[\w./-]+\w", text):
        assert (ROOT / name).exists(), name
    assert set(re.findall(r"omna-(\d[\d.]+\d)-py3", text)) <= {__version__}
    proxy = (DEPLOY / "proxy" / "haproxy.cfg").read_text()
    for name in re.findall(r"\bPROXY_[A-Z_]+[A-Z]", text):
        assert name in proxy


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_what_its_commands_name_exists(page: Path) -> None:
    for line in commands(page):
        words = line.split()
        if words[0] == "systemctl":
            for unit in [word for word in words if word.startswith("omna-")]:
                name = re.sub(r"@\d$", "@", unit)
                assert (DEPLOY / "systemd" / f"{name}.service").exists(), line
        if words[:2] == ["docker", "compose"] and words[2] != "build":
            plain = [word for word in words[3:] if not word.startswith("-")]
            assert not plain or plain[0].partition(":")[0] in SERVICES, line
        if words[0] == "kubectl" and "component=" in line:
            assert f"component: {line.rpartition('=')[2]}" in (DEPLOY / "kubernetes" / "migrate.yaml").read_text()


def test_a_rolling_upgrade_names_every_replica() -> None:
    text = "\n".join(commands(ROOT / "docs" / "operations" / "upgrading.md"))
    for name, service in SERVICES.items():
        if service.get("command") == ["serve"]:
            assert re.search(rf"--no-deps --wait {name}$", text, re.MULTILINE)
