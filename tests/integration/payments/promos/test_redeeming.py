"""A code gives its Credits once a workspace and never more often than it says, whoever asks at the same time."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.audit.service import Actor
from omna.clock import now
from omna.config import Database, Risk
from omna.db.pool import borrow, open_pool, transaction
from omna.errors import (
    AccountFrozen,
    AwaitingApproval,
    EmailNotVerified,
    OmnaError,
    PromoCodeUnknown,
    PromoCodeUsedUp,
    TooManyAttempts,
)
from omna.http.principal import RIGHTS, Member, Role
from omna.ids import SessionId, UserId, WorkspaceId, new_id
from omna.ledger import service as ledger
from omna.money import Nanocredits, parse_credits
from omna.payments.promos import service as promos
from omna.payments.promos.model import PromoCode, Redemption
from omna.workspaces import service as workspaces

FIVE = Nanocredits(parse_credits("5"))


class Counter:
    """Makes codes and workspaces, and redeems."""

    def __init__(self, pool: asyncpg.Pool, actor: Actor) -> None:
        self.pool = pool
        self.actor = actor
        self.staff = UserId(new_id())

    async def code(self, name: str | None = None, **options: Any) -> PromoCode:
        wanted: dict[str, Any] = {"valid_days": None, "most": 10, "expires_at": None, "note": "", **options}
        async with transaction(self.pool) as connection:
            code, _ = await promos.create(
                connection, name=name, amount=FIVE, reason="a test", by=self.staff, actor=self.actor, **wanted
            )
        return code

    async def workspace(self, number: int = 0) -> Member:
        async with transaction(self.pool) as connection:
            user = await accounts.create_user(connection, f"ann{number}@example.com", actor=self.actor, name="Ann")
            made = await workspaces.create_personal(connection, user.user_id, "Ann", risk=Risk(), actor=self.actor)
        return Member(
            made.workspace_id, user.user_id, Role.OWNER, RIGHTS[Role.OWNER], SessionId(new_id()), None, "192.0.2.1"
        )

    async def redeem(self, code: str, by: Member) -> Redemption:
        async with transaction(self.pool) as connection:
            return await promos.redeem(connection, code, by=by, actor=self.actor)

    async def promo(self, workspace_id: WorkspaceId) -> int:
        async with transaction(self.pool) as connection:
            return (await ledger.wallet(connection, workspace_id)).available_promo

    async def findings(self) -> list[Any]:
        async with borrow(self.pool) as connection:
            return await ledger.verify(connection)

    async def count(self, statement: str, *values: Any) -> Any:
        async with transaction(self.pool) as connection:
            return await connection.fetchval(statement, *values)


@pytest.fixture
def counter(pool: asyncpg.Pool, actor: Actor) -> Counter:
    return Counter(pool, actor)


async def test_redeeming_grants_the_credits_once_and_says_the_same_ever_after(counter: Counter) -> None:
    await counter.code("WELCOME-2026", valid_days=30)
    ann = await counter.workspace()
    first = await counter.redeem(" welcome2026 ", ann)
    assert first.credits == FIVE
    assert first.expires_at == first.redeemed_at + timedelta(days=30)
    assert not first.again
    again = await counter.redeem("WELCOME-2026", ann)
    assert again == replace(first, again=True)
    assert await counter.promo(ann.workspace_id) == FIVE
    assert await counter.count("SELECT redeemed FROM promo_codes") == 1
    assert await counter.count("SELECT count(*) FROM audit_log WHERE action = 'promo_code.redeem'") == 1
    assert await counter.count("SELECT kind FROM transfers WHERE transfer_id = $1", first.transfer_id) == "promo_grant"
    assert await counter.findings() == []


async def test_the_same_answer_outlives_the_code(counter: Counter) -> None:
    code = await counter.code(most=1)
    ann = await counter.workspace()
    first = await counter.redeem(code.code, ann)
    async with transaction(counter.pool) as connection:
        await promos.retire(connection, code.code_id, reason="over", actor=counter.actor)
    assert await counter.redeem(code.code, ann) == replace(first, again=True)


async def test_unknown_retired_ended_and_proposed_codes_look_alike(
    counter: Counter, superuser: asyncpg.Connection
) -> None:
    ann = await counter.workspace()
    retired, ended, proposed = await counter.code(), await counter.code(), await counter.code()
    async with transaction(counter.pool) as connection:
        await promos.retire(connection, retired.code_id, reason="over", actor=counter.actor)
    await superuser.execute(
        "UPDATE promo_codes SET expires_at = now() - interval '1 second' WHERE code_id = $1", ended.code_id
    )
    await superuser.execute("UPDATE promo_codes SET approved_at = NULL WHERE code_id = $1", proposed.code_id)
    said = set()
    for code in (retired.code, ended.code, proposed.code, "NO-SUCH-CODE", "no code!"):
        with pytest.raises(PromoCodeUnknown) as refused:
            await counter.redeem(code, ann)
        said.add((refused.value.message, refused.value.code))
    assert len(said) == 1
    assert await counter.promo(ann.workspace_id) == 0
    assert await counter.count("SELECT count(*) FROM promo_redemptions") == 0


async def test_a_hundred_workspaces_at_once_redeem_exactly_as_often_as_the_code_says(
    counter: Counter, database_url: str
) -> None:
    code = await counter.code("RUSH-HOUR", most=20)
    people = [await counter.workspace(number) for number in range(100)]
    many = await open_pool(database_url, Database(acquire_timeout=30), max_size=50)
    counter.pool = many
    try:
        outcomes = await asyncio.gather(*(counter.redeem(code.code, one) for one in people), return_exceptions=True)
        good = [one for one in outcomes if isinstance(one, Redemption)]
        bad = [one for one in outcomes if not isinstance(one, Redemption)]
        assert len(good) == 20
        assert all(isinstance(one, PromoCodeUsedUp) for one in bad), bad
        assert len({one.transfer_id for one in good}) == 20
        assert await counter.count("SELECT redeemed FROM promo_codes") == 20
        assert await counter.count("SELECT count(*) FROM promo_redemptions") == 20
        assert await counter.count("SELECT sum(available_promo) FROM wallets") == 20 * FIVE
        assert await counter.findings() == []
    finally:
        many.terminate()


async def test_one_workspace_many_times_at_once_gets_the_credits_once(counter: Counter) -> None:
    code = await counter.code(most=3)
    ann = await counter.workspace()
    outcomes = await asyncio.gather(*(counter.redeem(code.code, ann) for _ in range(7)))
    assert sorted(one.again for one in outcomes) == [False] + [True] * 6
    assert len({one.transfer_id for one in outcomes}) == 1
    assert await counter.promo(ann.workspace_id) == FIVE
    assert await counter.count("SELECT redeemed FROM promo_codes") == 1


async def test_credits_of_a_code_expire_in_the_ledger(counter: Counter, superuser: asyncpg.Connection) -> None:
    code = await counter.code(valid_days=1)
    ann = await counter.workspace()
    redeemed = await counter.redeem(code.code, ann)
    expires = await counter.count("SELECT expires_at FROM promo_grants WHERE workspace_id = $1", ann.workspace_id)
    assert expires == redeemed.expires_at


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("frozen_at = now(), frozen_reason = 'a look at it'", AccountFrozen),
        ("pending = 'verification'", EmailNotVerified),
        ("pending = 'approval'", AwaitingApproval),
    ],
)
async def test_frozen_and_waiting_workspaces_redeem_nothing(
    counter: Counter, superuser: asyncpg.Connection, change: str, error: type[OmnaError]
) -> None:
    code = await counter.code()
    ann = await counter.workspace()
    await superuser.execute(f"UPDATE workspaces SET {change}")
    with pytest.raises(error):
        await counter.redeem(code.code, ann)
    assert await counter.promo(ann.workspace_id) == 0


async def test_a_code_that_ends_in_the_past_is_refused(counter: Counter) -> None:
    with pytest.raises(OmnaError, match="ended already"):
        await counter.code(expires_at=now() - timedelta(seconds=1))


async def test_guesses_of_a_network_are_counted_over_its_workspaces(counter: Counter) -> None:
    async def guess(number: int) -> None:
        # Workspaces that need not be there: what is counted is who asks.
        by = Member(
            WorkspaceId(new_id()), counter.staff, Role.OWNER, RIGHTS[Role.OWNER], None, None, f"2001:db8::{number}"
        )
        async with transaction(counter.pool) as connection:
            await promos.count_try(connection, by, 2)

    for number in range(10):
        await guess(number)
    with pytest.raises(TooManyAttempts):
        await guess(10)
