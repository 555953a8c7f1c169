"""Prometheus itself reads the files of deploy/observability, scrapes a gateway and a worker, and answers every query."""

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
import yaml

from omna.config import Server
from omna.db.pool import open_pool
from omna.worker.watching import Watch
from tests.deploy.common import DEPLOY
from tests.deploy.proxies import PATH
from tests.harness.installation import Installation
from tests.harness.replica import POLL_SECONDS, START_SECONDS, Replica, free_port
from tests.harness.wire import ask, chat

FILES = DEPLOY / "observability"
DASHBOARD = json.loads((FILES / "grafana" / "dashboards" / "omna.json").read_text("utf-8"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
MODEL = "ok"
ASKED = 3

pytestmark = [
    pytest.mark.skipif(not shutil.which("promtool", path=PATH), reason="Prometheus is not installed"),
    pytest.mark.slow,
]


@dataclass(frozen=True)
class Prometheus:
    """A server that scrapes every second. `replica` is the gateway that it scrapes."""

    port: int
    replica: Replica

    async def get(self, path: str) -> Any:
        """Return the data of an answer of its API."""
        answer = await ask(self.port, "GET", f"/api/v1/{path}")
        assert answer.json["status"] == "success", answer.json
        return answer.json["data"]

    async def query(self, expression: str) -> list[float]:
        """Return the values that an expression has now."""
        found = (await self.get(f"query?query={quote(expression.replace('$__rate_interval', '10s'))}"))["result"]
        return [float(series["value"][1]) for series in found]

    async def troubled(self) -> set[str]:
        """Return the alerts whose expression is true, all rules having been evaluated without an error."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                rules = [rule for group in (await self.get("rules"))["groups"] for rule in group["rules"]]
                if all(rule["health"] != "unknown" for rule in rules):
                    break
                await asyncio.sleep(POLL_SECONDS)
        assert {rule["name"]: rule.get("lastError") for rule in rules if rule["health"] != "ok"} == {}
        return {rule["name"] for rule in rules if rule["state"] != "inactive"}

    async def until(self, expression: str, value: float) -> None:
        async with asyncio.timeout(START_SECONDS):
            while await self.query(expression) != [value]:
                await asyncio.sleep(POLL_SECONDS)


@contextlib.asynccontextmanager
async def prometheus(place: Path, gateway: int, worker: int, replica: Replica) -> AsyncIterator[Prometheus]:
    """Run Prometheus with the configuration as it is delivered, but for the ports and its patience."""
    configuration = yaml.safe_load((FILES / "prometheus.yml").read_text("utf-8"))
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["rule_files"] = [str(FILES / "alerts.yml")]
    for job, port in zip(configuration["scrape_configs"], (gateway, worker), strict=True):
        job["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
    (place / "prometheus.yml").write_text(yaml.safe_dump(configuration), "utf-8")
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        "prometheus", f"--config.file={place}/prometheus.yml", f"--storage.tsdb.path={place}/data",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=error", env={"PATH": PATH},
    )  # fmt: skip
    try:
        async with asyncio.timeout(START_SECONDS):
            while True:
                with contextlib.suppress(OSError):
                    if (await ask(port, "GET", "/-/ready")).status == 200:
                        break
                assert process.returncode is None
                await asyncio.sleep(POLL_SECONDS)
        yield Prometheus(port, replica)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@pytest.fixture(scope="module")
async def watched(house: Installation, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    """A gateway that has answered, and a worker, as Prometheus sees them."""
    gateway, worker = free_port(), free_port()
    await house.model(MODEL)
    tenant = await house.new_tenant()
    pool: asyncpg.Pool = await open_pool(house.url, house.settings.database, min_size=0, max_size=2)
    watch = Watch(pool, Server(worker_metrics_port=worker))
    async with house.replica({"SERVER_METRICS_PORT": str(gateway)}) as replica:
        watch.start()
        try:
            async with prometheus(tmp_path_factory.mktemp("prometheus"), gateway, worker, replica) as server:
                await server.until("sum(up)", 2)
                for _ in range(ASKED):
                    assert (await chat(replica.port, tenant.key, MODEL)).status == 200
                await server.until("sum(omna_requests_total)", ASKED)
                yield server
        finally:
            await watch.close()
            pool.terminate()


@pytest.mark.parametrize("check", [("config", "prometheus.yml"), ("rules", "alerts.yml")], ids=lambda one: one[1])
async def test_files_are_what_prometheus_expects(check: tuple[str, str]) -> None:
    kind, name = check
    process = await asyncio.create_subprocess_exec(
        "promtool", "check", kind, str(FILES / name), env={"PATH": PATH}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


@pytest.mark.parametrize("query", QUERIES)
async def test_queries_of_the_dashboard_are_answered(watched: Prometheus, query: str) -> None:
    await watched.query(query)


async def test_what_the_installation_does_is_seen(watched: Prometheus) -> None:
    assert await watched.query("max(omna_holds_open)") == [0]
    assert await watched.query("sum(omna_first_token_seconds_count)") != []
    assert await watched.query("min(omna_process_memory_bytes)") > [1e6]


async def test_nothing_is_wrong_with_a_healthy_installation_and_a_dead_gateway_is_told(watched: Prometheus) -> None:
    assert await watched.troubled() == set()
    await watched.replica.kill()
    async with asyncio.timeout(START_SECONDS):
        while "OmnaDown" not in await watched.troubled():
            await asyncio.sleep(POLL_SECONDS)
