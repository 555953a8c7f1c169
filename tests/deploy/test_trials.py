"""The suites under fire, in small: that they run, and that what they judge holds."""

from pathlib import Path

import pytest

from tests.deploy.proxies import needs_haproxy
from tests.harness.depth import full_only
from tests.trials import backup, chaos, load, rolling, soak

pytestmark = [needs_haproxy, full_only, pytest.mark.slow, pytest.mark.timeout(600)]


async def test_chaos(tmp_path: Path) -> None:
    end = await chaos.run(tmp_path, seed=1, seconds=60, customers=10)
    assert end.verdict.problems == []
    assert end.verdict.outcomes["complete"] > 0


async def test_rolling_restart(tmp_path: Path) -> None:
    end = await rolling.run(tmp_path, streams=20)
    assert end.verdict.problems == []
    assert end.fewest > 0


async def test_backup_under_load(tmp_path: Path) -> None:
    end = await backup.run(tmp_path, seconds=5, customers=10)
    assert end.verdict.problems == []


async def test_load(tmp_path: Path) -> None:
    end = await load.run(tmp_path, clients=8, replicas=2, seconds=5)
    assert end.verdict.problems == []


async def test_soak(tmp_path: Path) -> None:
    end = await soak.run(tmp_path, seconds=20, customers=10, seed=1)
    assert end.verdict.problems == []
