"""Every scenario of the upstream, in every dialect, streamed and whole: what the client saw, what it paid, and what the
provider's journal says are one and the same by the rules of docs/concepts/billing.md.

All requests are played once, together; the tests look at what came of them.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import asyncpg
import pytest

from omna.gateway.metering import count_text
from omna.ids import parse
from omna.money import parse_credits
from tests.harness.dialects import COMPLETIONS, DIALECTS, Dialect, Heard
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation
from tests.harness.replica import Replica
from tests.harness.wire import Answer, ask
from tests.upstream import anthropic_scenarios, gemini_scenarios, outcomes, scenarios
from tests.upstream.outcomes import Answered, Broken, Outcome, Pair, Refused
from tests.upstream.server import Arrival

#: Refusals must have their status even on a busy machine; what stalls must still be seen to stall.
PATIENT = SETTINGS | {
    "GATEWAY_COMMIT_SECONDS": "3",
    "GATEWAY_FIRST_BYTE_TIMEOUT": "6",
    "GATEWAY_ANSWER_TIMEOUT": "6",
}
#: At a time; those that wait for a silent provider do not count.
CONCURRENCY = 12
MAX_TOKENS = 100

OUTCOMES: dict[str, Mapping[str, Pair]] = {
    "openai": outcomes.OPENAI,
    "anthropic": outcomes.ANTHROPIC,
    "gemini": outcomes.GEMINI,
}
#: As large as an answer may be: one after the other, at the end.
HEAVY = ("endless", "endless-json")


@dataclass(frozen=True)
class Case:
    """One request: a scenario of a kind of provider, asked for in a dialect."""

    kind: str
    scenario: str
    dialect: Dialect
    streamed: bool

    def __str__(self) -> str:
        return f"{self.kind}-{self.scenario}-{self.dialect}-{'stream' if self.streamed else 'whole'}"

    @property
    def model(self) -> str:
        return f"{self.kind}/{self.scenario}"

    @property
    def expected(self) -> Outcome:
        streamed, whole = OUTCOMES[self.kind][self.scenario]
        return streamed if self.streamed else whole

    @property
    def waits(self) -> bool:
        """Whether it takes as long as the gateway's patience."""
        expected = self.expected
        slow = isinstance(expected, Answered) and self.scenario in ("slow-start", "hang-after-finish")
        return slow or (not isinstance(expected, Answered) and expected.code == "timeout")


@dataclass
class Played:
    """What came of a case: the answer, its usage row, its revenue by ledger, the calls of the provider.

    shown   the cost that GET /v1/generation names
    """

    answer: Answer
    row: asyncpg.Record | None
    booked: int
    shown: int | None
    calls: list[Arrival]


def _cases() -> list[Case]:
    cases = []
    for kind, pairs in OUTCOMES.items():
        for scenario, pair in pairs.items():
            dialects = list(DIALECTS)
            if kind == "openai" and all(not isinstance(one, Answered) or one.is_text for one in pair):
                dialects.append(COMPLETIONS)
            cases += [Case(kind, scenario, dialect, streamed) for dialect in dialects for streamed in (True, False)]
    return cases


CASES = _cases()


@pytest.fixture(scope="module")
async def replica(house: Installation) -> AsyncIterator[Replica]:
    async with house.replica(PATIENT) as running:
        yield running


@pytest.fixture(scope="module")
async def played(house: Installation, replica: Replica) -> dict[Case, Played]:
    """Play all cases."""
    await house.add_provider("anthropic", house.upstream.base_url, kind="anthropic")
    await house.add_provider("gemini", house.upstream.gemini_url, kind="gemini")
    for kind, pairs in OUTCOMES.items():
        for scenario in pairs:
            provider, endpoints = ("main", ("chat", "completions")) if kind == "openai" else (kind, None)
            await house.model(f"{kind}/{scenario}", upstream_model=scenario, provider=provider, endpoints=endpoints)
    gate = asyncio.Semaphore(CONCURRENCY)
    answers: dict[Case, Answer] = {}

    async def play(case: Case) -> None:
        body = case.dialect.body(case.model, stream=case.streamed, max_tokens=MAX_TOKENS)
        answers[case] = await ask(replica.port, "POST", case.dialect.path, body, key=house.tenant.key)

    async def take_turn(case: Case) -> None:
        async with gate:
            await play(case)

    light = [case for case in CASES if case.scenario not in HEAVY]
    await asyncio.gather(*(play(case) if case.waits else take_turn(case) for case in light))
    for case in CASES:
        if case.scenario in HEAVY:
            await play(case)
    await house.books_are_right()
    rows = {row["request_id"]: row for row in await house.requests()}
    booked = await house.revenue()
    calls: dict[str, list[Arrival]] = {}
    for arrival in house.upstream.journal:
        calls.setdefault(arrival.headers["x-request-id"], []).append(arrival)
    found = {}
    for case, answer in answers.items():
        request_id = parse(answer.request_id, "req")
        shown = await ask(replica.port, "GET", f"/v1/generation?id={answer.request_id}", key=house.tenant.key)
        cost = parse_credits(shown.json["data"]["total_cost"]) if shown.status == 200 else None
        found[case] = Played(
            answer, rows.get(request_id), booked.get(request_id, 0), cost, calls.get(answer.request_id, [])
        )
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_client_charge_and_journal_agree(played: dict[Case, Played], case: Case) -> None:
    one = played[case]
    assert one.row is not None, one.answer
    # One charge: by usage row, by ledger, by the generation's page, and by what the client was told.
    assert one.booked == one.shown == one.row["charge"] <= one.row["held"]
    heard = None
    if one.answer.status == 200:
        heard = case.dialect.heard(one.answer, stream=case.streamed)
        if heard.cost is not None:
            assert heard.cost == one.row["charge"]
            assert heard.usage == (one.row["prompt_tokens"], one.row["completion_tokens"])
            assert heard.estimated is one.row["estimated"]
    match case.expected:
        case Refused() as refused:
            _check_refused(case, one, heard, refused)
        case Broken() as broken:
            _check_broken(case, one, heard, broken)
        case Answered() as answered:
            _check_answered(case, one, heard, answered)


def _check_refused(case: Case, one: Played, heard: Heard | None, expected: Refused) -> None:
    if expected.silent:
        # The status was committed before the provider had said anything, with a word to keep the client.
        assert heard is not None
        assert (heard.error, heard.text, heard.heartbeats > 0) == (expected.code, "", True)
    else:
        assert case.dialect.code(one.answer) == (expected.status, expected.code)
        if expected.status in (429, 503):
            assert 1 <= int(one.answer.header("retry-after") or 0) <= 60
    text = one.answer.body.decode()
    for secret in ("canary", "127.0.0.1", "Traceback", "sk-"):
        assert secret not in text
    assert (one.row["charge"], one.row["outcome"], one.row["error_code"]) == (0, "failed", expected.code)
    assert len(one.calls) == expected.calls
    assert sum(arrival.tokens_sent for arrival in one.calls) == 0 or not case.streamed


def _check_broken(case: Case, one: Played, heard: Heard | None, expected: Broken) -> None:
    assert heard is not None
    assert (heard.error, heard.text, heard.finish) == (expected.code, expected.text, None)
    assert "canary" not in one.answer.body.decode()
    assert (one.row["outcome"], one.row["error_code"]) == ("interrupted", expected.code)
    # The delivered output and nothing else: a token a word, as the provider sent them, and no prompt.
    [call] = one.calls
    assert one.row["completion_tokens"] == len(expected.text.split())
    assert one.row["charge"] == one.row["completion_tokens"] * COMPLETION_TOKEN
    if case.scenario not in ("malformed-event", "error-event"):
        assert call.tokens_sent == one.row["completion_tokens"]


def _check_answered(case: Case, one: Played, heard: Heard | None, expected: Answered) -> None:
    row = one.row
    assert heard is not None
    assert heard.error is None
    [call] = one.calls
    text = _text(case, call, expected)
    if text is not None:
        assert heard.text + heard.refusal == text + expected.refusal
    if case.dialect.name != "messages":
        assert heard.refusal == expected.refusal
    assert (heard.reasoning, heard.calls) == (expected.reasoning, expected.calls)
    assert heard.finish == _finish(case, expected)
    if expected.is_empty:
        assert (row["charge"], heard.cost) == (0, 0)
        return
    if case.scenario == "endless":
        # Cut at what was held: it pays for all of it and no more.
        assert (row["outcome"], row["charge"], call.outcome) == ("exhausted", row["held"], "peer_left")
        return
    assert row["outcome"] == "completed"
    prompt, completion = row["prompt_tokens"], row["completion_tokens"]
    if expected.usage is not None:
        assert (prompt, completion, row["estimated"]) == (*expected.usage, False)
    else:
        assert row["estimated"] is True
        assert 0 < prompt < 30
        said = [heard.text, heard.reasoning, heard.refusal]
        assert completion == count_text("".join(said)) or heard.calls
        assert completion > 0
    assert row["charge"] == prompt * PROMPT_TOKEN + completion * COMPLETION_TOKEN


def _text(case: Case, call: Arrival, expected: Answered) -> str | None:
    match case.scenario:
        case "echo":
            return call.raw.decode()
        case "reuse":
            return str(call.connection)
        case _:
            return expected.text


def _finish(case: Case, expected: Answered) -> str:
    if case.dialect.name == "messages":
        if expected.refusal:
            return "refusal"
        if case.scenario == "stop-sequence":
            return "stop_sequence"
        if case.scenario == "stop-model_context_window_exceeded":
            return "model_context_window_exceeded"
    return case.dialect.finishes[expected.finish]


def test_every_scenario_is_played() -> None:
    assert set(scenarios.SCENARIOS) <= set(outcomes.OPENAI)
    assert set(anthropic_scenarios.SCENARIOS) == set(outcomes.ANTHROPIC)
    # `choices` answers requests that no other dialect than chat can make: test_gemini.py has it.
    assert set(gemini_scenarios.SCENARIOS) - {"choices"} == set(outcomes.GEMINI)


async def test_other_route_answers_after_a_silence_that_committed_the_status(
    house: Installation, replica: Replica
) -> None:
    """Until the first output another route may answer, even when the client already has a status."""
    for first in ("hang-before-headers", "hang-comments"):
        await house.model(f"late/{first}", upstream_model=first)
        await house.model(f"late/{first}", upstream_model="ok")
    cases = [(first, dialect) for first in ("hang-before-headers", "hang-comments") for dialect in DIALECTS]

    async def play(first: str, dialect: Dialect) -> Answer:
        body = dialect.body(f"late/{first}", stream=True)
        return await ask(replica.port, "POST", dialect.path, body, key=house.tenant.key)

    for (_, dialect), answer in zip(cases, await asyncio.gather(*(play(*case) for case in cases)), strict=True):
        heard = dialect.heard(answer, stream=True)
        assert (heard.text, heard.error, heard.usage) == (scenarios.TEXT, None, (9, 4))
        assert heard.heartbeats > 0
        row = await house.request(answer.request_id)
        assert row["charge"] == heard.cost == 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN
        assert len(row["attempts"]) == 1
    await house.books_are_right()
