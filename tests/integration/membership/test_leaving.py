"""Leaving for ever: what goes, what stays, and what must be settled first."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.audit import service as audit
from omna.audit.service import Actor
from omna.config import Risk
from omna.db.pool import transaction
from omna.errors import InvalidApiKey, KeyDisabled
from omna.ids import TransferId, UserId, WorkspaceId, new_id, show
from omna.keys import service as keys
from omna.ledger import service as ledger
from omna.mail import service as mail
from omna.mail.service import Kind
from omna.money import NANO_PER_CREDIT, Nanocredits
from omna.vault.keyring import Keyring, Purpose
from omna.worker.books import verify_books
from omna.workspaces import service as workspaces
from omna.workspaces.service import Workspace
from tests.integration.membership.door import Visitor, visiting
from tests.unit.mail.made import values

EMAIL = "ann@example.com"


@pytest.fixture
async def ann(pool: asyncpg.Pool, keyring: Keyring, tmp_path: Path, workspace: Workspace) -> AsyncIterator[Visitor]:
    """The browser of the person whose personal workspace `workspace` is."""
    async with visiting(pool, keyring, tmp_path, person(workspace)) as visitor:
        yield visitor


def person(workspace: Workspace) -> UserId:
    assert workspace.personal_user_id is not None
    return workspace.personal_user_id


async def delete(ann: Visitor, email: str = EMAIL, **body: object) -> tuple[int, str]:
    """Ask for the end; return status and message."""
    await ann.prove("account.delete")
    answer = await ann.client.post("/api/account/deletion", json={"email": email, **body})
    return answer.status_code, "" if answer.status_code == 204 else answer.json()["error"]["message"]


async def give(pool: asyncpg.Pool, workspace: Workspace, *, paid: int = 0, promo: int = 0) -> None:
    async with transaction(pool) as connection:
        for book, amount, more in (
            (ledger.adjust, paid, {}),
            (ledger.grant_promo, promo, {"expires_at": None}),
        ):
            if amount:
                await book(  # type: ignore[operator]
                    connection,
                    transfer_id=TransferId(new_id()),
                    workspace_id=workspace.workspace_id,
                    amount=Nanocredits(amount * NANO_PER_CREDIT),
                    actor="test",
                    reason="test",
                    **more,
                )


async def make_team(
    pool: asyncpg.Pool, user_id: UserId, actor: Actor, others: dict[str, str] | None = None
) -> WorkspaceId:
    """Make a team that a person owns, with others in it by their roles."""
    async with transaction(pool) as connection:
        space = await workspaces.create_team(connection, user_id, "Lab", verified=True, risk=Risk(), actor=actor)
        for name, role in (others or {}).items():
            user = await accounts.create_user(connection, f"{name}@example.com", actor=actor, name=name)
            await connection.execute(
                "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, $3)",
                space.workspace_id, user.user_id, role,
            )  # fmt: skip
    return space.workspace_id


async def test_a_person_is_erased_and_their_bookings_stay(
    pool: asyncpg.Pool, workspace: Workspace, actor: Actor, keyring: Keyring, ann: Visitor
) -> None:
    user_id = person(workspace)
    team = await make_team(pool, user_id, actor, {"bob": "owner"})
    texts = []
    async with transaction(pool) as connection:
        for space in (workspace.workspace_id, team):
            _, text = await keys.issue(connection, space, "ci", actor=actor, created_by=user_id)
            texts.append(text)
        _, unowned = await keys.issue(connection, workspace.workspace_id, "by the operator", actor=actor)
        await mail.enqueue(connection, Kind.NEW_DEVICE, EMAIL, "en", values(Kind.NEW_DEVICE), user_id=user_id)
        await connection.execute(
            "INSERT INTO access_requests (access_request_id, email, email_normalized, name, message)"
            " VALUES ($1, $2, $2, 'Ann', 'please')",
            new_id(),
            EMAIL,
        )
        # Of an address that was theirs before.
        await connection.execute(
            "INSERT INTO invitations (workspace_id, invitation_id, email, email_normalized, role, digest, invited_by,"
            " expires_at, accepted_at, accepted_by)"
            " VALUES ($1, $2, 'old@example.com', 'old@example.com', 'member', $3, $2, now(), now(), $4)",
            team,
            new_id(),
            bytes(32),
            user_id,
        )
        await connection.execute("UPDATE users SET password_hash = '$argon2id$x', staff_role = 'support'")
        await connection.execute(
            "INSERT INTO totp_factors (user_id, secret, confirmed_at) VALUES ($1, 'sealed', now())", user_id
        )
    await give(pool, workspace, paid=7, promo=3)

    facts = (await ann.client.get("/api/account/deletion")).json()
    assert facts == {"credits_left": "10", "blocked_by": []}
    assert await delete(ann, "  Ann@Example.com", forfeit_credits=True) == (204, "")

    assert (await ann.client.get("/api/account/deletion")).status_code == 401
    row = await pool.fetchrow("SELECT * FROM users WHERE user_id = $1", user_id)
    assert row["deleted_at"] is not None
    assert (row["name"], row["password_hash"], row["staff_role"]) == ("", None, None)
    for table in ("sessions", "totp_factors", "passkeys", "identities", "mail_links", "known_devices", "data_exports"):
        assert await pool.fetchval(f"SELECT count(*) FROM {table} WHERE user_id = $1", user_id) == 0
    assert await pool.fetchval("SELECT count(*) FROM members WHERE user_id = $1", user_id) == 0
    async with pool.acquire() as connection:
        for text in (*texts, unowned):
            with pytest.raises((InvalidApiKey, KeyDisabled)):
                await keys.authenticate(connection, text)
        [letter] = await mail.newest(connection, EMAIL)
        assert (letter.kind, letter.user_id) == ("account_deleted", None)
        # The only place where the address still stands is that mail, and it goes with its day.
        assert await everywhere(connection, "ann@example.com") == {"mail_outbox"}
        assert await everywhere(connection, "old@example.com") == set()
        wallet = await ledger.wallet(connection, workspace.workspace_id)
        assert wallet.balance == 0
        lines = await ledger.history(connection, workspace.workspace_id)
        assert {line.kind for line in lines} == {"adjustment", "promo_grant", "promo_expiry"}
        assert {line.reason for line in lines if line.actor == show("usr", user_id)} == {"given up with the account"}
        assert await verify_books(connection) == []
        assert await audit.verify(connection, [keyring.derive(Purpose.AUDIT_CHAIN)]) == []
    # The address is free again.
    async with transaction(pool) as connection:
        again = await accounts.create_user(connection, EMAIL, actor=actor)
    assert again.user_id != user_id


async def everywhere(connection: asyncpg.Connection, text: str) -> set[str]:
    """Return the tables with a row that contains a text."""
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'omna'")
    found = set()
    for row in tables:
        name = row["tablename"]
        readable = await connection.fetchval("SELECT has_table_privilege('omna.' || $1, 'SELECT')", name)
        if readable and await connection.fetchval(
            f"SELECT EXISTS (SELECT FROM {name} AS t WHERE t::text ILIKE '%' || $1 || '%')", text
        ):
            found.add(name)
    return found


async def test_credits_are_given_up_only_when_that_is_said(
    pool: asyncpg.Pool, workspace: Workspace, ann: Visitor
) -> None:
    await give(pool, workspace, paid=7)
    status, message = await delete(ann)
    assert status == 409
    assert "7 Credits are left" in message
    assert await pool.fetchval("SELECT deleted_at FROM users") is None
    assert await pool.fetchval("SELECT count(*) FROM members") == 1
    assert await delete(ann, forfeit_credits=True) == (204, "")


async def test_running_requests_end_first(pool: asyncpg.Pool, workspace: Workspace, ann: Visitor) -> None:
    await give(pool, workspace, paid=7)
    async with transaction(pool) as connection:
        await ledger.hold(
            connection,
            hold_ids=[TransferId(new_id())],
            workspace_ids=[workspace.workspace_id],
            amounts=[Nanocredits(7 * NANO_PER_CREDIT)],
            lease=timedelta(minutes=1),
        )
    status, message = await delete(ann, forfeit_credits=True)
    assert status == 409
    assert "held" in message
    assert await pool.fetchval("SELECT deleted_at FROM users") is None


async def test_a_team_is_not_left_without_an_owner(
    pool: asyncpg.Pool, workspace: Workspace, actor: Actor, ann: Visitor
) -> None:
    team = await make_team(pool, person(workspace), actor, {"bob": "admin"})
    facts = (await ann.client.get("/api/account/deletion")).json()
    assert facts["blocked_by"] == [{"workspace": show("ws", team), "name": "Lab"}]
    status, message = await delete(ann)
    assert status == 409
    assert "Lab" in message
    await pool.execute("UPDATE members SET role = 'owner' WHERE workspace_id = $1", team)
    assert await delete(ann) == (204, "")
    assert await pool.fetchval("SELECT count(*) FROM members WHERE workspace_id = $1", team) == 1


async def test_the_last_owner_of_the_installation_stays(
    pool: asyncpg.Pool, workspace: Workspace, actor: Actor, ann: Visitor
) -> None:
    await pool.execute("UPDATE users SET staff_role = 'owner'")
    status, message = await delete(ann)
    assert status == 409
    assert "only owner" in message
    async with transaction(pool) as connection:
        await accounts.create_user(connection, "bob@example.com", actor=actor, staff_role=accounts.StaffRole.OWNER)
    assert await delete(ann) == (204, "")


@pytest.mark.parametrize("email", ["bob@example.com", "ann", ""])
async def test_the_address_must_be_typed(ann: Visitor, email: str) -> None:
    status, message = await delete(ann, email)
    assert status == 400
    assert "address" in message


async def test_an_account_goes_only_with_a_proof_of_identity(pool: asyncpg.Pool, ann: Visitor) -> None:
    await pool.execute("UPDATE users SET password_hash = '$argon2id$x'")
    answer = await ann.client.post("/api/account/deletion", json={"email": EMAIL})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "step_up_required")


async def test_who_never_proved_their_address_gets_no_farewell(
    pool: asyncpg.Pool, workspace: Workspace, ann: Visitor
) -> None:
    await pool.execute("UPDATE users SET email_verified_at = NULL")
    assert await delete(ann) == (204, "")
    assert await pool.fetchval("SELECT count(*) FROM mail_outbox") == 0


async def test_an_account_that_staff_look_into_stays(pool: asyncpg.Pool, workspace: Workspace, ann: Visitor) -> None:
    await pool.execute("UPDATE workspaces SET frozen_at = now(), frozen_reason = 'card fraud'")
    status, message = await delete(ann, forfeit_credits=True)
    assert (status, "card fraud" in message) == (403, True)
    assert await pool.fetchval("SELECT deleted_at FROM users WHERE user_id = $1", person(workspace)) is None
