"""What providers report against what was recorded: matched, different, late, unread; each known to operators."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from omna.config import Settings
from omna.db.pool import borrow, transaction
from omna.risk.reconciliation import service as reconciliation
from omna.vault.keyring import Keyring
from omna.worker.providers import reconcile_providers
from tests.harness.team import Browser, Team
from tests.upstream.server import Upstream

PROVIDERS = "/api/console/providers"
CREDIT = 10**9


class Books:
    """An owner with a provider that reports, and costs of days that were recorded."""

    def __init__(self, team: Team, owner: Browser, upstream: Upstream) -> None:
        self.team = team
        self.owner = owner
        self.upstream = upstream
        self.today = datetime.now(UTC).date()

    def day(self, back: int) -> date:
        return self.today - timedelta(days=back)

    async def act(self, method: str, path: str, body: Any, proof: str | None = None) -> Any:
        if proof is not None:
            await self.owner.prove(proof, "main")
        return await self.owner.call(method, f"{PROVIDERS}/main{path}", {"reason": "because", **body})

    async def key(self, word: str, report: str = "openai") -> Any:
        body = {"format": report, "api_key": f"sk-report-{word}"}
        return await self.act("PUT", "/reporting-key", body, "provider.reporting_key")

    async def record(self, back: int, cost: int) -> None:
        """Leave the sums of an hour of that day."""
        async with transaction(self.team.pool) as connection:
            await connection.execute("SET LOCAL ROLE omna_owner")
            await connection.execute(
                """INSERT INTO provider_sums (grain, start, provider_id, calls, failures, requests, charge,
                                              provider_charge, duration_ms, first_delta_ms, first_deltas)
                   SELECT 'h', timezone('UTC', $1::date::timestamp + interval '5 hours'), provider_id, 1, 0, 1, 0, $2,
                          0, 0, 0
                   FROM providers WHERE name = 'main'""",
                self.day(back),
                cost,
            )

    async def reconcile(self) -> dict[int, tuple[str, str | None, str | None]]:
        """Return state, reported and problem by days back."""
        answer = await self.act("POST", "/reconcile", {})
        assert answer.status == 200, answer.json
        return {
            (self.today - date.fromisoformat(line["day"])).days: (line["state"], line["reported"], line["problem"])
            for line in answer.json["days"]
        }

    async def alerts(self) -> list[str]:
        async with borrow(self.team.pool) as connection:
            rows = await connection.fetch("SELECT kind FROM alerts WHERE resolved_at IS NULL ORDER BY kind")
        return [row["kind"] for row in rows]


@pytest.fixture
async def books(team: Team) -> AsyncIterator[Books]:
    async with Upstream() as upstream:
        made = Books(team, await team.hire("owner"), upstream)
        await made.owner.prove("provider.add", "main")
        answer = await made.owner.call(
            "POST", PROVIDERS, {
                "name": "main", "kind": "openai", "base_url": upstream.base_url, "allow_private": True,
                "api_key": "sk-of-calls", "reason": "because",
            },
        )  # fmt: skip
        assert answer.status == 201, answer.json
        yield made


async def test_days_are_compared_and_a_difference_is_an_alert_until_it_is_none(books: Books) -> None:
    assert (await books.act("POST", "/reconcile", {})).code == (409, "conflict")
    for back, cost in ((1, 100), (2, 100), (3, 3), (4, 100), (5, 50)):
        await books.record(back, cost * CREDIT)
    # Within percent, beyond both, beyond the percent alone, not there yet; five days ago it is late.
    books.upstream.reported = {books.day(1).isoformat(): "104", books.day(2).isoformat(): "120",
                               books.day(3).isoformat(): "2.2"}  # fmt: skip
    shown = await books.key("good")
    assert shown.json["reporting"]["key"] == {"is_set": True, "ends": None}
    found = await books.reconcile()
    assert (found[1][:2], found[2][:2], found[3][:2]) == (
        ("matched", "104"), ("different", "120"), ("matched", "2.2"),
    )  # fmt: skip
    assert (found[4], found[5], found[6]) == (
        ("missing", None, None), ("missing", None, None), ("matched", "0", None),
    )  # fmt: skip
    assert await books.alerts() == ["provider.report_differs", "provider.report_late"]
    # What has matched is asked no more; what comes late, or is corrected, ends the alerts.
    books.upstream.reported |= {books.day(2).isoformat(): "100.5", books.day(4).isoformat(): "100",
                                books.day(5).isoformat(): "50"}  # fmt: skip
    assert sorted(await books.reconcile()) == [2, 4, 5]
    assert await books.alerts() == []
    auditor = await books.team.hire("auditor")
    lines = (await auditor.call("GET", f"{PROVIDERS}/main/reconciliations")).json
    assert {line["state"] for line in lines} == {"matched"}
    assert [line["difference"] for line in lines if line["day"] == books.day(1).isoformat()] == ["4"]


async def test_reports_that_cannot_be_read_say_why_in_a_word(books: Books) -> None:
    await books.record(1, CREDIT)
    books.upstream.reported = {books.day(1).isoformat(): "1"}
    for word, problem in (("euro", "currency"), ("refused", "credential"), ("cut", "malformed")):
        await books.key(word)
        assert (await books.reconcile())[1] == ("unread", None, problem)
    await books.key("good", "openrouter")
    assert (await books.reconcile())[1] == ("matched", "1", None)
    # The key belongs to the address it was saved with.
    moved = await books.act("PUT", "/address", {"base_url": "https://api.example.com/v1"}, "provider.address")
    assert moved.json["reporting"]["usable"] is False
    assert (await books.act("POST", "/reconcile", {})).code == (409, "conflict")
    gone = await books.act("POST", "/reporting-key/remove", {}, "provider.reporting_key")
    assert gone.json["reporting"] is None
    again = await books.act("POST", "/reporting-key/remove", {}, "provider.reporting_key")
    assert again.code == (409, "conflict")


async def test_reporting_keys_are_sealed_anew_and_the_job_reads_with_them(
    books: Books, keyring: Keyring, tmp_path: Path
) -> None:
    await books.record(1, 2 * CREDIT)
    books.upstream.reported = {books.day(1).isoformat(): "2"}
    await books.key("good")
    async with transaction(books.team.pool) as connection:
        before = await connection.fetchval("SELECT secret FROM provider_reporting")
        assert "sk-report" not in before
        assert await reconciliation.reseal(connection, keyring) == 1
        assert await connection.fetchval("SELECT secret FROM provider_reporting") != before
    counts = await reconciliation.reconcile_all(books.team.pool, keyring, Settings(data=tmp_path))
    assert counts == {"matched": 7}
    assert reconcile_providers(Settings(data=tmp_path)).__name__ == "reconcile"
