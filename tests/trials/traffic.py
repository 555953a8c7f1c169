"""Customers who never stop asking, and remember what they were told."""

import asyncio
import contextlib
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from omna.ids import parse
from omna.money import parse_credits
from tests.harness.installation import Installation
from tests.harness.linter import read_stream
from tests.harness.wire import CHAT, HI, Connection, ServerClosed

#: Model on sale: (scenario of the provider, how often it is asked for).
MODELS = {
    "quick": ("ok", 5),
    "paced": ("long-30-12", 4),
    "longer": ("long-60-12", 2),
    "breaks": ("reset-mid-stream", 1),
}
#: Seconds before somebody who was refused asks again.
PAUSE = 0.25


@dataclass
class Asked:
    """One request as its customer knows it.

    outcome  running, complete, broken (an error in the stream), cut (the connection ended), left (by the customer),
             unreachable (nothing came back), or the status of a refusal
    cost     what the answer said it costs, in nanocredits; None where it said nothing
    key      of repeated requests that must be charged once
    """

    model: str
    at: float
    outcome: str = "running"
    request_id: uuid.UUID | None = None
    cost: int | None = None
    key: str | None = None
    took: float = 0.0
    words: str = ""


@dataclass
class Crowd:
    """Customers of one key. `asked` grows while they run."""

    port: int
    api_key: str
    seed: int
    asked: list[Asked] = field(default_factory=list)
    running: int = 0
    _going: bool = True

    async def run(self, customers: int) -> None:
        """Ask until `stop` is called; returns when every customer has heard the end of their last answer."""
        await asyncio.gather(*(self._customer(random.Random(f"{self.seed}/{one}")) for one in range(customers)))

    def stop(self) -> None:
        self._going = False

    def outcomes(self) -> Counter[str]:
        return Counter(asked.outcome for asked in self.asked)

    async def _customer(self, dice: random.Random) -> None:
        names, weights = list(MODELS), [weight for _, weight in MODELS.values()]
        while self._going:
            model = dice.choices(names, weights)[0]
            way = dice.random()
            if way < 0.15:
                await self._insist(model, dice)
                continue
            asked = await self.ask(model, stream=way < 0.8, leave_after=dice.uniform(0, 1.5) if way > 0.95 else None)
            if asked.outcome not in ("complete", "broken", "left"):
                await asyncio.sleep(PAUSE * dice.uniform(0.5, 1.5))

    async def _insist(self, model: str, dice: random.Random) -> None:
        """Repeat one request with the same Idempotency-Key until it is answered, as SDKs do."""
        key = f"insist-{dice.getrandbits(64):x}"
        for _ in range(20):
            asked = await self.ask(model, stream=False, key=key)
            if asked.outcome in ("complete", "502") or not self._going:
                return
            await asyncio.sleep(PAUSE * dice.uniform(1, 3))

    async def ask(self, model: str, *, stream: bool, key: str | None = None, leave_after: float | None = None) -> Asked:
        """Ask once and note what happened."""
        asked = Asked(model, time.monotonic(), key=key)
        self.asked.append(asked)
        self.running += 1
        try:
            async with asyncio.timeout(leave_after):
                await self._hear(asked, stream)
        except TimeoutError:
            asked.outcome = "left"
        except (ServerClosed, OSError):
            asked.outcome = "unreachable" if asked.request_id is None else "cut"
        finally:
            self.running -= 1
            asked.took = time.monotonic() - asked.at
        return asked

    async def _hear(self, asked: Asked, stream: bool) -> None:
        body = {"model": asked.model, "messages": HI} | (
            {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
        )
        headers = [("idempotency-key", asked.key)] if asked.key is not None else []
        async with Connection(self.port) as connection:
            answer = await connection.open("POST", CHAT, body, key=self.api_key, headers=headers)
            name = answer.header("x-request-id")
            if name is not None:
                with contextlib.suppress(ValueError):
                    asked.request_id = parse(name, "req")
            if answer.status != 200:
                await answer.read()
                asked.outcome, asked.words = str(answer.status), answer.body[:200].decode(errors="replace")
                return
            async for _ in answer.pieces():
                pass
            if not stream:
                usage = answer.json["usage"]
            else:
                reading = read_stream(answer.body, include_usage=True)
                if reading.error is not None:
                    asked.outcome, asked.words = "broken", str(reading.error)[:200]
                    return
                usage = reading.usage
            assert usage is not None
            asked.outcome, asked.cost = "complete", parse_credits(usage["cost_details"]["total"])


async def put_on_sale(house: Installation) -> None:
    """Offer what customers ask for."""
    for model, (scenario, _) in MODELS.items():
        await house.model(model, upstream_model=scenario)
