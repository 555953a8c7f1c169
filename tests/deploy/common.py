"""What the files of deploy/ have to agree with: settings, commands, ports and times of the product."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from omna.cli import COMMANDS
from omna.cli.serve import _MARGIN_SECONDS
from omna.config import Settings, load, resolved

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
#: Time in which HAProxy, two checks and their answers, knows that a replica drains.
NOTICE_SECONDS = 4.0

DEFAULTS = Settings(data=ROOT)
VARIABLES = {one.name for one in resolved(DEFAULTS)} | {"OMNA_DATA", "OMNA_CONFIG"}
NOUNS = {name for name, _, _ in COMMANDS}
GROUPS = {group.name for group in fields(Settings)}


def documents(path: Path) -> list[dict[str, Any]]:
    """Return the documents of a file of YAML."""
    return [one for one in yaml.safe_load_all(path.read_text("utf-8")) if one is not None]


def settings(environment: Mapping[str, str], file: str, tmp_path: Path) -> Settings:
    """Return the settings of a process as it is deployed: variables, and the file that OMNA_CONFIG names there.

    Every variable and every group and option of the file must exist, and have a value of the right type.
    """
    ours = {name: value for name, value in environment.items() if name.startswith("OMNA_")}
    assert set(ours) <= VARIABLES, set(ours) - VARIABLES
    assert "OMNA_CONFIG" in ours, "secrets come from a file, not from the environment"
    assert tomllib.loads(file)["secrets"]["master_key"] == "CHANGE-ME", "no secret stands in the repository"
    path = tmp_path / "omna.toml"
    path.write_text(file)
    return load(ours | {"OMNA_CONFIG": str(path)})


def stops_in_time(found: Settings, grace_seconds: float) -> None:
    """Check that whoever stops a replica waits for its notice, its drain and the settlements after it."""
    server = found.server
    assert server.drain_notice_seconds >= NOTICE_SECONDS
    assert server.drain_seconds >= found.gateway.total_timeout, "streams would be cut"
    assert grace_seconds >= server.drain_notice_seconds + server.drain_seconds + _MARGIN_SECONDS + 10
