"""The manifests: what they name exists, the pods are restricted, and a rollout loses nothing."""

import ipaddress
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from omna.config import Server
from tests.deploy.common import DEPLOY, NOUNS, VARIABLES, documents, settings, stops_in_time

FOLDER = DEPLOY / "kubernetes"
[KUSTOMIZATION] = documents(FOLDER / "kustomization.yaml")
MANIFESTS = [one for name in KUSTOMIZATION["resources"] for one in documents(FOLDER / name)]
EXAMPLES = [one for path in FOLDER.glob("*.example.yaml") for one in documents(path)]


def find(kind: str, name: str) -> dict[str, Any]:
    [found] = [one for one in MANIFESTS + EXAMPLES if (one["kind"], one["metadata"]["name"]) == (kind, name)]
    return found


PODS = {
    one["metadata"]["name"]: one["spec"]["template"]["spec"]
    for one in MANIFESTS
    if one["kind"] in {"Deployment", "Job"}
}
CONFIGURATION = find("ConfigMap", "omna")["data"]
SERVE = find("Deployment", "omna-serve")


def environment_of(pod: dict[str, Any]) -> dict[str, str]:
    [container] = pod["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": "omna"}}]
    return CONFIGURATION | {one["name"]: one["value"] for one in container.get("env", [])}


def test_every_file_is_used() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml") if not path.name.endswith(".example.yaml")}
    assert files - {"kustomization.yaml"} == set(KUSTOMIZATION["resources"])


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_kustomize_takes_them() -> None:
    told = subprocess.run(["kubectl", "kustomize", str(FOLDER)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    made = list(yaml.safe_load_all(told.stdout))
    assert len(made) == len(MANIFESTS)
    assert json.dumps(made).count("registry.example.com/omna:0.1.0") == len(PODS)


@pytest.mark.parametrize("name", PODS)
def test_pod_is_restricted(name: str) -> None:
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False, "OMNA_PORT and the like would be taken for settings"
    [container] = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert set(container["resources"]["limits"]) == set(container["resources"]["requests"]) == {"cpu", "memory"}
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounts == {"/etc/omna", "/var/lib/omna", "/tmp"}
    assert {volume["name"] for volume in pod["volumes"]} == {mount["name"] for mount in container["volumeMounts"]}


@pytest.mark.parametrize("name", PODS)
def test_pod_runs_a_command_with_settings_that_exist(name: str, tmp_path: Path) -> None:
    [container] = PODS[name]["containers"]
    assert container["args"][0] in NOUNS
    environment = environment_of(PODS[name])
    assert environment["OMNA_CONFIG"] == "/etc/omna/omna.toml"
    assert set(environment) <= VARIABLES
    found = settings(environment, find("Secret", "omna")["stringData"]["omna.toml"], tmp_path)
    if name == "omna-serve":
        stops_in_time(found, PODS[name]["terminationGracePeriodSeconds"])
    if name == "omna-worker":
        assert PODS[name]["terminationGracePeriodSeconds"] > found.server.drain_seconds + 10


def test_rollout_adds_before_it_takes_away() -> None:
    assert SERVE["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert SERVE["spec"]["replicas"] >= 2
    assert find("PodDisruptionBudget", "omna-serve")["spec"]["maxUnavailable"] == 1


def test_probes_ask_what_they_are_for() -> None:
    [container] = PODS["omna-serve"]["containers"]
    asked = {kind: container[kind]["httpGet"]["path"] for kind in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert asked == {"startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"http": Server.port, "metrics": Server.metrics_port}
    readiness = container["readinessProbe"]
    noticed = readiness["periodSeconds"] * readiness["failureThreshold"] + readiness["timeoutSeconds"]
    assert noticed < float(CONFIGURATION["OMNA_SERVER_DRAIN_NOTICE_SECONDS"])


def test_selectors_meet_their_pods() -> None:
    labels = SERVE["spec"]["template"]["metadata"]["labels"]
    for selector in (
        SERVE["spec"]["selector"]["matchLabels"],
        find("Service", "omna")["spec"]["selector"],
        find("PodDisruptionBudget", "omna-serve")["spec"]["selector"]["matchLabels"],
        find("NetworkPolicy", "omna-serve")["spec"]["podSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    worker = find("Deployment", "omna-worker")
    assert worker["spec"]["template"]["metadata"]["labels"] == worker["spec"]["selector"]["matchLabels"]
    assert worker["spec"]["selector"]["matchLabels"] != SERVE["spec"]["selector"]["matchLabels"]


def test_metrics_are_on_no_service_and_only_for_monitoring() -> None:
    assert [port["name"] for port in find("Service", "omna")["spec"]["ports"]] == ["http"]
    for rule in find("NetworkPolicy", "omna-serve")["spec"]["ingress"]:
        [port] = rule["ports"]
        [source] = rule["from"]
        place = source["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        assert (port["port"], place) in {("http", "ingress-nginx"), ("metrics", "monitoring")}
    assert find("NetworkPolicy", "omna")["spec"]["ingress"] == []


def test_metadata_of_clouds_cannot_be_reached() -> None:
    target = ipaddress.ip_address("169.254.169.254")
    for rule in find("NetworkPolicy", "omna")["spec"]["egress"]:
        ports = {port["port"] for port in rule["ports"]}
        for block in rule.get("to", []):
            networks = block["ipBlock"]
            if target in ipaddress.ip_network(networks["cidr"]):
                assert any(target in ipaddress.ip_network(one) for one in networks["except"])
        assert "to" in rule or ports <= {53, 5432}


def test_namespace_enforces_it() -> None:
    labels = find("Namespace", "omna")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
