"""What customers were told, what they were charged, what the provider delivered: do the books agree?"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from omna.ids import RequestId, parse
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation, until
from tests.trials.traffic import Asked

#: Tokens of the question that is always asked, as the provider counts them.
PROMPT_TOKENS = 9
#: Tokens by which a count of a short text may differ from its provider's.
_ESTIMATED_MORE = 8
#: Holds of dead gateways end with their lease, and a journal is replayed within seconds of its database's return.
PATIENCE = 90.0


@dataclass
class Verdict:
    """The end of a trial.

    problems     what must not be; empty for a trial that was passed
    outcomes     how requests ended for customers
    charged      nanocredits booked as revenue, and of how many requests
    short        requests charged less than the customer was told, since the gateway died first: the operator's loss
    lost         nanocredits of that loss
    """

    problems: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    charged: int = 0
    charges: int = 0
    short: int = 0
    lost: int = 0

    def complain(self, problem: str) -> None:
        if len(self.problems) < 50:
            self.problems.append(problem)


async def judge(house: Installation, asked: Sequence[Asked]) -> Verdict:
    """Wait until nothing runs any more, and compare."""
    verdict = Verdict(outcomes=Counter(one.outcome for one in asked))
    await house.quiet(PATIENCE)
    await _journals_are_empty(house)
    rows = {row["request_id"]: row for row in await house.requests()}
    revenue = await _revenue(house)
    delivered = _delivered(house)
    verdict.charged, verdict.charges = sum(amount for _, amount in revenue.values()), len(revenue)
    for request_id, (times, amount) in revenue.items():
        row = rows.get(request_id)
        if times != 1 or row is None or row["charge"] != amount:
            verdict.complain(
                f"{request_id}: booked {times} times, {amount}; its usage row says {row and row['charge']}"
            )
    for one in asked:
        if one.request_id is None:
            continue
        row, (_, amount) = rows.get(one.request_id), revenue.get(one.request_id, (0, 0))
        if one.outcome == "complete" and one.key is None and one.cost is not None:
            # The reaper may have been first, with the last checkpoint of a gateway that died after its last word.
            if amount > one.cost or (amount < one.cost and (row is None or row["outcome"] != "crashed")):
                verdict.complain(f"{one.request_id}: told {one.cost}, charged {amount} ({row and row['outcome']})")
            elif amount < one.cost:
                verdict.short += 1
                verdict.lost += one.cost - amount
        elif one.outcome.isdigit() and amount:
            verdict.complain(f"{one.request_id}: refused with {one.outcome}, charged {amount}")
        most = max(delivered.get(one.request_id, [0]))
        if row is not None and row["estimated"]:
            # Without the provider's own count the text is counted here, word by word as it came.
            most = 2 * most + _ESTIMATED_MORE
        if amount > PROMPT_TOKENS * PROMPT_TOKEN + most * COMPLETION_TOKEN:
            verdict.complain(f"{one.request_id}: charged {amount} for at most {most} tokens of its provider")
    _charged_once(verdict, asked, revenue)
    for command in (("ledger", "verify"), ("audit", "verify")):
        result = await house.omna(*command)
        if result.code != 0:
            verdict.complain(f"omna {' '.join(command)}: {result.output} {result.error}")
    return verdict


def _charged_once(verdict: Verdict, asked: Sequence[Asked], revenue: dict[RequestId, tuple[int, int]]) -> None:
    """Requests with one Idempotency-Key that were answered are one request: the repeats cost nothing."""
    by_key: dict[str, set[RequestId]] = defaultdict(set)
    for one in asked:
        if one.key is not None and one.outcome == "complete" and one.request_id is not None:
            by_key[one.key].add(RequestId(one.request_id))
    for key, requests in by_key.items():
        if sum(request_id in revenue for request_id in requests) > 1:
            verdict.complain(f"{key}: charged for {len(requests)} answers")


async def _revenue(house: Installation) -> dict[RequestId, tuple[int, int]]:
    found = await house.connection.fetch(
        """SELECT t.hold_id, count(*) AS times, sum(e.amount)::bigint AS amount
           FROM transfers AS t JOIN entries AS e USING (workspace_id, transfer_id)
           WHERE e.account = 'revenue' AND t.hold_id IS NOT NULL GROUP BY t.hold_id"""
    )
    return {RequestId(row["hold_id"]): (row["times"], row["amount"]) for row in found}


def _delivered(house: Installation) -> dict[RequestId, list[int]]:
    """Return how many tokens the provider sent for each request, by attempt."""
    found: dict[RequestId, list[int]] = defaultdict(list)
    for arrival in house.upstream.journal:
        if (name := arrival.headers.get("x-request-id")) is not None:
            found[RequestId(parse(name, "req"))].append(arrival.tokens_sent)
    return found


async def _journals_are_empty(house: Installation) -> None:
    async def empty() -> bool | None:
        return None if list(house.data.glob("replica-*/journal/*.jsonl")) else True

    await until(empty, "settlements stay in a journal", PATIENCE)
