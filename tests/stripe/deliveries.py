"""How events reach us: signed with the real scheme; twice, late, in another order or never, all from one seed."""

import json
import random
from collections.abc import Awaitable, Callable, Sequence

import stripe
from tests.stripe.account import SECRET, Thing

#: Takes body and headers of a delivery, answers a status.
Post = Callable[[bytes, dict[str, str]], Awaitable[int]]

#: Deliveries of one event before it is given up: Stripe goes on for days.
MOST_TRIES = 20


def signed(event: Thing, secret: str = SECRET, *, at: int | None = None) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a delivery."""
    body = json.dumps(event)
    header = stripe.WebhookSignature.generate_signature_header(body, secret, at)
    return body.encode(), {"stripe-signature": header, "content-type": "application/json; charset=utf-8"}


async def deliver(
    post: Post,
    events: Sequence[Thing],
    *,
    seed: int | None = None,
    order: Sequence[int] | None = None,
    duplicates: float = 0.0,
    lost: float = 0.0,
) -> list[int]:
    """Deliver events and return the statuses; one that is not answered 200 comes again after the others.

    order       positions, which may repeat; None: as the seed shuffles them
    duplicates  share of events that come twice; lost: share that never come
    """
    if seed is None:
        seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)
    print(f"deliveries from seed {seed}")
    if order is None:
        order = list(range(len(events)))
        chance.shuffle(order)
    line = [at for at in order for _ in range(2 if chance.random() < duplicates else 1)]
    line = [at for at in line if chance.random() >= lost]
    statuses, tries = [], dict.fromkeys(range(len(events)), 0)
    while line:
        at = line.pop(0)
        tries[at] += 1
        status = await post(*signed(events[at]))
        statuses.append(status)
        if status != 200 and tries[at] < MOST_TRIES:
            line.insert(chance.randint(0, len(line)), at)
    return statuses
