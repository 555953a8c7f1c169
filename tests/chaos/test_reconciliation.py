"""Thousands of requests of every dialect to every kind of provider, a fifth of them left at random points: what clients
were told, the usage rows, the ledger and the providers' journals agree to the nanocredit.
"""

import asyncio
import json
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import asyncpg
import pytest

from omna.catalog.model import rates
from omna.gateway.metering import count_text
from omna.ids import parse
from omna.money import NANO_PER_CREDIT, TOKENS_PER_PRICE, format_credits
from tests.harness import depth
from tests.harness.dialects import COMPLETIONS, DIALECTS, Dialect, Heard
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import Installation, Tenant
from tests.harness.wire import Connection
from tests.upstream import outcomes
from tests.upstream.outcomes import Answered
from tests.upstream.server import Arrival

pytestmark = pytest.mark.slow

REQUESTS = depth.of(1_500, 5_000)
ABORTED = REQUESTS // 5
CONCURRENCY = 50
MAX_TOKENS = 100

#: Nothing ends by a deadline here: a busy machine may be slow.
PATIENT = SETTINGS | {"GATEWAY_COMMIT_SECONDS": "20", "GATEWAY_FIRST_BYTE_TIMEOUT": "30",
                      "GATEWAY_PROGRESS_TIMEOUT": "30", "GATEWAY_ANSWER_TIMEOUT": "30"}  # fmt: skip
OUTCOMES = {"main": outcomes.OPENAI, "anthropic": outcomes.ANTHROPIC, "gemini": outcomes.GEMINI}


@dataclass(frozen=True)
class Sale:
    """A model on sale: its routes as (provider, scenario), tried in this order, and nanocredits a token.

    instead   the model that the request names for when this one fails
    """

    routes: tuple[tuple[str, str], ...]
    prompt: int = 2_000
    completion: int = 8_000
    instead: str | None = None

    @property
    def scenarios(self) -> list[str]:
        return [scenario for _, scenario in self.routes]


MODELS: Mapping[str, Sale] = {
    "plain": Sale((("main", "ok"),)),
    "long": Sale((("main", "long-12"),), 1, 3),
    "pace": Sale((("main", "long-20-400"),), 500, 11_000),
    "odd": Sale((("main", "unicode-separators"),)),
    "crlf": Sale((("main", "crlf"),), 7, 7),
    "blind": Sale((("main", "usage-missing"),)),
    "lies": Sale((("main", "usage-huge"),)),
    "tools": Sale((("main", "tools-no-index"),)),
    "thinks": Sale((("main", "reasoning-thinking"),), 0, 123),
    "free": Sale((("main", "ok"),), 0, 0),
    "claude": Sale((("anthropic", "ok"),), 3_000, 15_000),
    "claude-thinks": Sale((("anthropic", "thinking"),), 3_000, 15_000),
    "claude-tools": Sale((("anthropic", "tools"),), 3_000, 15_000),
    "claude-cache": Sale((("anthropic", "cache"),), 3_000, 15_000),
    "gem": Sale((("gemini", "ok"),), 100, 400),
    "gem-thinks": Sale((("gemini", "thinking"),), 100, 400),
    "gem-tools": Sale((("gemini", "tools"),), 100, 400),
    # The first route never answers, the second does.
    "second-claude": Sale((("main", "refuse-500"), ("anthropic", "ok")), 5_000, 6_000),
    "second-gem": Sale((("anthropic", "overloaded"), ("gemini", "ok"))),
    "second-main": Sale((("main", "reset-before-headers"), ("main", "long-12")), 10, 20),
    "instead": Sale((("main", "status-503"),), 9_000, 9_000, instead="plain"),
    # What fails, before and after the first word.
    "breaks": Sale((("main", "reset-mid-stream"),)),
    "claude-breaks": Sale((("anthropic", "overloaded-mid-stream"),), 3_000, 15_000),
    "gem-breaks": Sale((("gemini", "cut-mid-stream"),), 100, 400),
    "empty": Sale((("main", "empty-answer"),)),
    "refuses": Sale((("main", "status-400"),)),
    "limited": Sale((("main", "status-429"),)),
}
#: Completions have no other providers than OpenAI's, and no form for anything but text.
TEXTS = ("plain", "long", "pace", "odd", "crlf", "blind", "lies", "free", "breaks", "empty", "refuses")


@dataclass
class Request:
    """One request as it was planned, and what its client knows of it afterwards.

    leave_after   seconds after which the client leaves without having read a byte
    leave_at      pieces of the body after which it leaves; both None for a client that stays
    """

    tenant: int
    replica: int
    dialect: Dialect
    model: str
    streamed: bool
    leave_after: float | None = None
    leave_at: int | None = None
    request_id: uuid.UUID | None = None
    status: int | None = None
    served: str | None = None
    heard: Heard | None = None
    left: bool = False
    read: bytes = field(default=b"", repr=False)


def plan(dice: random.Random, tenants: int) -> list[Request]:
    """Return what all clients will do: the same for the same seed, whatever the machine does meanwhile."""
    requests = []
    for _ in range(REQUESTS):
        dialect = dice.choice([*DIALECTS, *DIALECTS, COMPLETIONS])
        model = dice.choice(TEXTS if dialect is COMPLETIONS else list(MODELS))
        requests.append(Request(dice.randrange(tenants), dice.randrange(2), dialect, model, dice.random() < 0.6))
    for request in dice.sample(requests, ABORTED):
        if request.streamed and dice.random() < 0.7:
            request.leave_at = dice.randrange(6)
        else:
            request.leave_after = dice.choice([0.0, dice.uniform(0, 0.03), dice.uniform(0, 0.3)])
    return requests


async def run(request: Request, port: int, key: str) -> None:
    sale, dialect = MODELS[request.model], request.dialect
    body = dialect.body(request.model, stream=request.streamed, max_tokens=MAX_TOKENS)
    if "tools" in request.model:
        body |= dialect.tools
    if sale.instead is not None:
        body["models"] = [sale.instead]
    content = json.dumps(body).encode()
    headers = [("authorization", f"Bearer {key}"), ("content-type", "application/json")]
    async with Connection(port) as connection:
        await connection.send("POST", dialect.path, headers, content)
        if request.leave_after is not None:
            await asyncio.sleep(request.leave_after)
            request.left = True
            return
        answer = await connection.head()
        request.request_id = parse(answer.request_id, "req")
        request.status = answer.status
        request.served = answer.header("x-omna-model")
        if request.leave_at is not None:
            pieces = answer.pieces()
            for _ in range(request.leave_at):
                await anext(pieces, b"")
            request.left, request.read = True, answer.body
            return
        await answer.read()
    if answer.status == 200:
        request.heard = dialect.heard(answer, stream=request.streamed)
    else:
        assert dialect.code(answer)[0] in (400, 402, 429, 502, 503), answer.body


@dataclass
class Books:
    """What is written down about the requests of all workspaces: usage rows, revenue by ledger, calls of providers."""

    rows: dict[uuid.UUID, asyncpg.Record]
    revenue: dict[uuid.UUID, int]
    calls: dict[uuid.UUID, list[Arrival]]

    @classmethod
    async def open(cls, house: Installation, tenants: list[Tenant]) -> "Books":
        rows, revenue = {}, {}
        for tenant in tenants:
            rows |= {row["request_id"]: row for row in await house.requests(tenant)}
            revenue |= await house.revenue(tenant)
        calls = defaultdict(list)
        for arrival in house.upstream.journal:
            calls[parse(arrival.headers["x-request-id"], "req")].append(arrival)
        return cls(rows, revenue, dict(calls))

    def price(self, row: asyncpg.Record) -> int:
        """Return what a row's tokens cost at the price of the model that served it."""
        sale = MODELS[row["model_id"]]
        return row["prompt_tokens"] * sale.prompt + row["completion_tokens"] * sale.completion


def check_completed(books: Books, request: Request) -> None:
    """The client's usage × price, its cost, the usage row and the ledger; and one call that succeeded."""
    heard, request_id = request.heard, request.request_id
    assert heard is not None
    assert request_id is not None
    row = books.rows[request_id]
    sale = MODELS[request.served or ""]
    assert heard.usage is not None
    assert heard.usage[0] * sale.prompt + heard.usage[1] * sale.completion == heard.cost
    assert (heard.cost, heard.usage) == (row["charge"], (row["prompt_tokens"], row["completion_tokens"]))
    assert books.revenue.get(request_id, 0) == row["charge"]
    assert (row["outcome"], row["model_id"]) == ("completed", request.served)
    provider, scenario = sale.routes[-1]
    expected = OUTCOMES[provider][scenario][0 if request.streamed else 1] if scenario in OUTCOMES[provider] else None
    if isinstance(expected, Answered):
        assert heard.text + heard.refusal == expected.text
        assert (heard.reasoning, heard.calls) == (expected.reasoning, expected.calls)
        assert expected.usage in (None, heard.usage)
    calls = [arrival.model for arrival in books.calls[request_id]]
    faulty = MODELS[request.model].scenarios if request.model != request.served else sale.scenarios[:-1]
    assert calls == [*faulty, scenario], "one call that succeeded, after those that were bound to fail"


def check_broken(books: Books, request: Request) -> None:
    """An error in the middle: the delivered output, as far as the provider sent it, and no prompt."""
    heard, request_id = request.heard, request.request_id
    assert heard is not None
    assert request_id is not None
    row = books.rows[request_id]
    [call] = books.calls[request_id]
    assert row["outcome"] == "interrupted"
    assert row["charge"] == books.revenue[request_id] == call.tokens_sent * MODELS[request.model].completion
    assert len(heard.text.split()) == call.tokens_sent
    assert heard.cost in (None, row["charge"])


def check_refused(books: Books, request: Request) -> None:
    """An error with a status costs nothing; what the gateway refused itself reached no provider and has no row."""
    request_id = request.request_id
    assert request_id is not None
    if request.status == 402:
        assert request_id not in books.rows
        assert request_id not in books.calls
    else:
        assert (books.rows[request_id]["outcome"], books.rows[request_id]["charge"]) == ("failed", 0)
    assert request_id not in books.revenue


def check_left(books: Books, row: asyncpg.Record, request: Request | None) -> None:
    """A client that left pays prompt and delivered output, never more than the provider sent, nothing for nothing.

    request   what the client knows, if it was told the id of its request before it left
    """
    request_id = row["request_id"]
    calls = books.calls.get(request_id, [])
    assert row["charge"] == books.revenue.get(request_id, 0) <= row["held"]
    assert row["charge"] == 0 or request is None or request.status == 200
    if row["outcome"] in ("failed", "interrupted"):
        # The provider was faster to fail than the client to leave.
        assert row["charge"] <= calls[-1].tokens_sent * MODELS[row["model_id"]].completion
        return
    assert row["outcome"] in ("client_left", "completed")
    assert row["charge"] in (0, books.price(row))
    sent = calls[-1].tokens_sent if calls else 0
    if row["charge"]:
        assert row["completion_tokens"] <= most_output(row["model_id"], sent)
    if not calls or calls[-1].bytes_sent == 0:
        assert row["charge"] == 0, "charged for nothing"
    if request is not None and any(word in request.read for word in (b" quick", b"tok ")):
        assert row["completion_tokens"] > 0, "leaving early is not free"


def most_output(model: str, sent: int) -> int:
    """Return the most output tokens a client may pay for that left a model whose provider sent so many words."""
    provider, scenario = MODELS[model].routes[-1]
    outcome = OUTCOMES[provider][scenario][0] if scenario in OUTCOMES[provider] else None
    if not isinstance(outcome, Answered) or (outcome.is_text and outcome.text != outcomes.ODD_TEXT):
        # The last piece may count as two tokens: its blank has no word to go with yet.
        stated = outcome.usage[1] if isinstance(outcome, Answered) and outcome.usage else 0
        return max(sent + 1, stated if sent else 0)
    said = "".join(name + json.dumps(arguments) for name, arguments in outcome.calls)
    stated = outcome.usage[1] if outcome.usage else 0
    # A piece of text may count as a token more than it is part of.
    return max(stated, 2 * count_text(outcome.reasoning + (outcome.text or "") + said))


async def test_every_book_says_the_same_of_thousands_of_requests(
    house: Installation, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = request.config.getoption("--hypothesis-seed")
    await house.add_provider("anthropic", house.upstream.base_url, kind="anthropic")
    await house.add_provider("gemini", house.upstream.gemini_url, kind="gemini")
    for model, sale in MODELS.items():
        price = rates(sale.prompt * TOKENS_PER_PRICE, sale.completion * TOKENS_PER_PRICE)
        for provider, scenario in sale.routes:
            await house.model(
                model, upstream_model=scenario, provider=provider, prices=price, endpoints=("chat", "completions")
            )
    balances = [50 * NANO_PER_CREDIT] * 5 + [NANO_PER_CREDIT // 100]  # the last is too poor for all it asks
    tenants = [await house.new_tenant(format_credits(balance)) for balance in balances]
    requests = plan(random.Random(seed), len(tenants))
    gate = asyncio.Semaphore(CONCURRENCY)
    async with house.replica(PATIENT) as one, house.replica(PATIENT) as two:
        ports = (one.port, two.port)

        async def take_turn(planned: Request) -> None:
            async with gate:
                await run(planned, ports[planned.replica], tenants[planned.tenant].key)

        await asyncio.gather(*map(take_turn, requests))
        await house.books_are_right(patience=30)
    assert (await house.omna("ledger", "verify")).code == 0

    books = await Books.open(house, tenants)
    told = {planned.request_id: planned for planned in requests if planned.request_id is not None}
    counts: Counter[str] = Counter()
    charged: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for planned in requests:
        kind = _kind(planned)
        counts[kind] += 1
        match kind:
            case "completed":
                check_completed(books, planned)
            case "broken":
                check_broken(books, planned)
            case "refused":
                check_refused(books, planned)
    for request_id, row in books.rows.items():
        known = told.get(request_id)
        kind = "left" if known is None else _kind(known)
        charged[kind] += row["charge"]
        paid[kind] += row["charge"] > 0
        if kind == "left":
            check_left(books, row, known)
    # No call of a provider without a request that answers for it, and no charge outside of the usage page.
    assert set(books.calls) <= set(books.rows)
    assert set(books.revenue) <= set(books.rows)
    booked = sum(books.revenue.values())
    assert sum(row["charge"] for row in books.rows.values()) == booked == sum(charged.values())
    told_costs = [planned.heard.cost for planned in requests if planned.heard is not None and not planned.heard.error]
    assert sum(cost or 0 for cost in told_costs) == charged["completed"]
    spent = 0
    for tenant, balance in zip(tenants, balances, strict=True):
        wallet = await house.wallet(tenant)
        assert (wallet.held, wallet.debt) == (0, 0)
        assert 0 <= wallet.available <= balance
        spent += balance - wallet.available
    assert spent == booked
    assert counts["left"] == ABORTED
    assert min(counts["completed"], counts["broken"], counts["refused"], paid["left"]) > REQUESTS // 50
    with capsys.disabled():
        print(f"\n{REQUESTS:,} requests (seed {seed}), {len(books.rows):,} rows, {len(house.upstream.journal):,} calls")
        for kind in ("completed", "broken", "refused", "left"):
            print(f"  {kind:<10}{counts[kind]:>6,}, {paid[kind]:>5,} paid {format_credits(charged[kind]):>12} Credits")
        print(f"  by the ledger           paid {format_credits(booked):>12} Credits")


def _kind(planned: Request) -> str:
    """Return how a request ended, as its client sees it."""
    if planned.left:
        return "left"
    if planned.heard is None:
        return "refused"
    return "completed" if planned.heard.error is None else "broken"
