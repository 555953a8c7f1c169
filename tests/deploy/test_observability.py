"""Dashboard and alert rules speak of what exists: metrics, labels, words of outcomes, pages that say what to do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from omna.gateway.bill import Outcome
from omna.observability.installation import InstallationGauges
from omna.observability.metrics import Metrics
from omna.providers.base import FailureKind
from omna.website.error_list import errors

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy" / "observability"
ALERTS = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboards" / "omna.json").read_text("utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [target["expr"] for panel in PANELS for target in panel["targets"]]
OUTCOMES = {one.code for one in errors()} | {outcome.value for outcome in Outcome}


def metrics() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every name a query may use, with its labels."""
    for registry in (Metrics().registry, InstallationGauges().registry):
        for metric in registry._collector_to_names:
            one: Any = metric
            labels = tuple(one._labelnames)
            match one._type:
                case "counter":
                    yield f"{one._name}_total", labels
                case "histogram":
                    yield f"{one._name}_bucket", (*labels, "le")
                    yield f"{one._name}_sum", labels
                    yield f"{one._name}_count", labels
                case _:
                    yield one._name, labels


KNOWN = dict(metrics())


def named(expression: str) -> list[str]:
    return re.findall(r"\bomna_\w+", expression)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_queries_name_metrics_and_labels_that_exist(expression: str) -> None:
    assert set(named(expression)) <= set(KNOWN) or "up{" in expression
    labels = {label for name in named(expression) for label in KNOWN[name]} | {"instance", "job"}
    for name, matchers in re.findall(r"\b(omna_\w+)\{([^}]*)\}", expression):
        for label, _, value in re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', matchers):
            assert label in KNOWN[name], expression
            known = {"outcome": OUTCOMES, "kind": {kind.value for kind in FailureKind}}.get(label)
            if known and name in ("omna_requests_total", "omna_provider_failures_total"):
                for part in value.split("|"):
                    assert any(re.fullmatch(part, word) for word in known), part
    for by in re.findall(r"\bby \(([^)]*)\)", expression):
        assert {label.strip() for label in by.split(",")} <= labels, expression


def test_every_metric_is_on_the_dashboard() -> None:
    shown = {name for panel in PANELS for target in panel["targets"] for name in named(target["expr"])}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown}
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in KNOWN} - families == set()


def headings(page: Path) -> set[str]:
    lines = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_alerts_say_how_bad_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert re.fullmatch(r"\d+[smh]", rule["for"])
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert page == "docs/operations/incidents.md"
    assert anchor in headings(ROOT / page)
    used = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    # A label that an aggregation takes away would leave a gap in the sentence.
    kept = {label.strip() for by in re.findall(r"\bby \(([^)]*)\)", rule["expr"]) for label in by.split(",")}
    bare = not re.search(r"\b(sum|max|min)\b *(by|\()", rule["expr"])
    assert used <= kept or bare, rule["expr"]


def test_kinds_of_alerts_in_rules_are_documented() -> None:
    page = (ROOT / "docs" / "operations" / "alerts.md").read_text("utf-8")
    kinds = {
        kind
        for rule in RULES
        for kinds in re.findall(r'kind=~?"([^"]*\.[^"]*)"', rule["expr"])
        for kind in kinds.split("|")
    }
    assert kinds
    assert {kind for kind in kinds if f"`{kind.replace('[.]', '.')}`" not in page} == set()


def test_names_of_alerts_and_panels_are_their_own() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names)
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers)


def test_prometheus_reads_the_rules_and_both_kinds_of_process() -> None:
    configuration = yaml.safe_load((DEPLOY / "prometheus.yml").read_text("utf-8"))
    assert configuration["rule_files"] == ["alerts.yml"]
    assert {job["job_name"] for job in configuration["scrape_configs"]} == {"omna-serve", "omna-worker"}
    for path in (DEPLOY / "grafana" / "provisioning").rglob("*.yaml"):
        assert yaml.safe_load(path.read_text("utf-8"))["apiVersion"] == 1
