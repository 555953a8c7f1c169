"""Every kind of damage is found, by the invariant that speaks of it. The damage is done as a superuser without triggers."""

import asyncpg
import pytest

from omna.ids import WorkspaceId
from omna.ledger import service as ledger
from omna.ledger.verification import LARGEST_REPORT, LEDGER_INVARIANTS
from tests.integration.ledger.conftest import OpenWallet
from tests.integration.ledger.test_booking import book, grant
from tests.integration.ledger.test_holds import held_one, settle

SETTLED = "(SELECT transfer_id FROM transfers WHERE kind = 'settle')"
RECHARGED = "(SELECT transfer_id FROM transfers WHERE kind = 'recharge')"
STORED = "SELECT ledger_store_lines(workspace_id, 100) FROM wallets"

#: invariant, what is done, and which other invariants see it as well.
DAMAGE = [
    ("transfers_balance", f"UPDATE entries SET amount = amount + 1 WHERE account = 'revenue' AND transfer_id = {SETTLED}",
     {"chain_holds"}),
    ("entries_have_transfers", f"DELETE FROM transfers WHERE transfer_id = {RECHARGED}",
     {"chain_holds", "transfers_numbered"}),
    ("allowed_accounts", f"UPDATE entries SET account = 'bad_debt' WHERE account = 'revenue' AND transfer_id = {SETTLED}",
     {"chain_holds", "usage_given_back_once"}),
    ("balances_chain", f"UPDATE entries SET balance_after = balance_after + 1 WHERE account = 'available_paid' AND transfer_id = {RECHARGED}",
     {"chain_holds"}),
    ("balances_chain", "UPDATE entries SET version = 900 WHERE account = 'available_paid' AND version = 1", {"chain_holds"}),
    ("wallets_match", "UPDATE wallets SET available_paid = available_paid + 1", set()),
    ("wallets_match", "UPDATE wallets SET debt_version = 1", set()),
    ("transfers_numbered", "UPDATE wallets SET seq = seq + 1", set()),
    ("transfers_numbered", "UPDATE transfers SET seq = 900 WHERE seq = 5", {"chain_holds"}),
    ("wallets_bounded", "ALTER TABLE wallets DROP CONSTRAINT wallets_bounded; UPDATE wallets SET refund_pending = -1",
     {"wallets_match"}),
    ("debts_grow", "UPDATE entries SET account = 'debt', balance_after = -30 WHERE account = 'available_paid' AND amount = -30",
     {"allowed_accounts", "balances_chain", "chain_holds", "wallets_match"}),
    ("claims_bounded", f"UPDATE entries SET account = 'refunds_out' WHERE account = 'recharge_clearing' AND transfer_id = {RECHARGED}",
     {"allowed_accounts", "chain_holds"}),
    ("usage_given_back_once", "DELETE FROM ledger_corrections", set()),
    ("usage_given_back_once", "UPDATE ledger_corrections SET corrects = transfer_id", set()),
    ("holds_match", "UPDATE holds SET paid = paid - 1", set()),
    ("holds_match", "UPDATE holds SET paid = paid - 1, promo = promo + 1", {"promos_match"}),
    ("holds_resolve_once", "DELETE FROM holds", {"holds_match"}),
    ("holds_resolve_once", "INSERT INTO holds SELECT workspace_id, hold_id, 0, 0, now(), now() FROM transfers WHERE kind = 'settle'",
     set()),
    ("promos_match", "UPDATE promo_grants SET remaining = remaining - 1", set()),
    ("promos_match", "DELETE FROM hold_promos", set()),
    ("lines_match", f"{STORED}; UPDATE ledger_lines SET amount = amount + 1 WHERE number = 1", set()),
    ("lines_match", f"{STORED}; DELETE FROM ledger_lines WHERE number = 1", set()),
    ("lines_match", f"{STORED}; UPDATE ledger_line_marks SET seq = 1", set()),
    ("chain_holds", "UPDATE transfers SET reason = 'setuP' WHERE reason = 'setup'", set()),
    ("chain_holds", "UPDATE transfers SET booked_at = booked_at - interval '1 us' WHERE kind = 'settle'", set()),
    ("chain_holds", "UPDATE transfers SET actor = NULL, reason = actor WHERE kind = 'promo_grant'", set()),
    ("chain_holds", f"UPDATE transfers SET fingerprint = gen_random_uuid() WHERE transfer_id = {SETTLED}", set()),
    ("chain_holds", "UPDATE ledger_blocks SET digest = set_byte(digest, 31, get_byte(digest, 31) # 1) WHERE height = 1", set()),
    ("chain_holds", "UPDATE ledger_blocks SET transfers = transfers + 1 WHERE height = 1", set()),
    ("chain_holds", "UPDATE ledger_blocks SET sealed_until = sealed_until + interval '1 us' WHERE height = 1", set()),
    ("chain_holds", "UPDATE ledger_blocks SET digest = sha256('another') WHERE height = 0", set()),
    ("chain_holds", "DELETE FROM ledger_blocks WHERE height = 0", set()),
    ("chain_holds", "DELETE FROM ledger_blocks WHERE height = 1", set()),
]  # fmt: skip


@pytest.fixture
async def workspace_id(connection: asyncpg.Connection, open_wallet: OpenWallet) -> WorkspaceId:
    """A wallet with an open hold over both buckets and a settled one, part of which was given back, sealed in two blocks."""
    workspace_id = await open_wallet(100)
    await grant(connection, workspace_id, 20)
    await ledger.seal(connection)
    settled = await held_one(connection, workspace_id, 10)
    await held_one(connection, workspace_id, 40)
    await settle(connection, workspace_id, settled, 7)
    await book(ledger.refund_usage, connection, workspace_id, 3, hold_id=settled)
    await ledger.seal(connection)
    assert await ledger.verify(connection) == []
    return workspace_id


async def damage(superuser: asyncpg.Connection, *statements: str) -> None:
    for table in ("transfers", "entries", "ledger_blocks", "ledger_corrections"):
        await superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for statement in statements:
        await superuser.execute(statement)


def test_every_invariant_has_damage_it_must_find() -> None:
    assert {name for name, _, _ in DAMAGE} == {invariant.name for invariant in LEDGER_INVARIANTS}


@pytest.mark.parametrize(
    ("name", "statement", "others"), DAMAGE, ids=lambda value: value if isinstance(value, str) else ""
)
async def test_damage_is_found(
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    workspace_id: WorkspaceId,
    name: str,
    statement: str,
    others: set[str],
) -> None:
    await damage(superuser, statement)
    found = {finding.invariant for finding in await ledger.verify(connection)}
    assert found == {name} | others


async def test_one_flipped_bit_is_found(
    connection: asyncpg.Connection, superuser: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    for table, column, where in (
        ("entries", "amount", "account = 'available_paid' AND version = 1"),
        ("entries", "balance_after", "account = 'held_paid' AND version = 1"),
        ("wallets", "available_promo", "true"),
        ("wallets", "held_paid_version", "true"),
        ("transfers", "seq", "kind = 'settle'"),
    ):
        for bit in (3, 7, 40):
            flip = f"UPDATE {table} SET {column} = {column} # (1::bigint << {bit}) WHERE {where}"
            await damage(superuser, flip)
            assert await ledger.verify(connection) != [], flip
            await damage(superuser, flip)
            assert await ledger.verify(connection) == [], "flipped back"


async def test_fraud_that_makes_every_sum_fit_again_meets_the_hash_chain(
    connection: asyncpg.Connection, superuser: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    await damage(
        superuser,
        f"UPDATE entries SET amount = amount + sign(amount) * 1000 WHERE transfer_id = {RECHARGED}",
        "UPDATE entries SET balance_after = balance_after + 1000 WHERE account = 'available_paid'",
        "UPDATE wallets SET available_paid = available_paid + 1000",
    )
    assert {finding.invariant for finding in await ledger.verify(connection)} == {"chain_holds"}


async def test_report_shows_a_pattern_and_not_a_flood(
    connection: asyncpg.Connection, superuser: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    for _ in range(LARGEST_REPORT + 5):
        await open_wallet(1)
    await damage(superuser, "UPDATE wallets SET available_paid = 2")
    findings = await ledger.verify(connection)
    assert len(findings) == LARGEST_REPORT
    assert findings[0].detail == "available_paid is 2 v1, entries say 1 v1"
