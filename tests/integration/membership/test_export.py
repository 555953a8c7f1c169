"""Everything about a person in one archive: whole, theirs alone, and nothing that lets anybody in."""

import csv
import io
import json
import random
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.audit.service import Actor
from omna.db.pool import transaction
from omna.ids import TransferId, UserId, new_id, show
from omna.keys import service as keys
from omna.ledger import service as ledger
from omna.mail import service as mail
from omna.mail.service import Kind
from omna.money import Nanocredits
from omna.vault.keyring import Keyring
from omna.workspaces.service import Workspace
from tests.harness.recharges import order
from tests.integration.membership.door import Visitor, visiting
from tests.integration.usage import conftest as usage
from tests.unit.mail.made import values


@pytest.fixture
async def superuser(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who may write what only requests write."""
    opened = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    yield opened
    opened.terminate()


@pytest.fixture
async def ann(pool: asyncpg.Pool, keyring: Keyring, tmp_path: Path, workspace: Workspace) -> AsyncIterator[Visitor]:
    """The browser of the person whose personal workspace `workspace` is."""
    async with visiting(pool, keyring, tmp_path, person(workspace)) as visitor:
        yield visitor


def person(workspace: Workspace) -> UserId:
    assert workspace.personal_user_id is not None
    return workspace.personal_user_id


async def archive(ann: Visitor) -> zipfile.ZipFile:
    await ann.prove("account.export")
    asked = await ann.client.post("/api/account/export")
    assert asked.status_code == 202, asked.text
    assert asked.json()["state"] == "ready"
    answer = await ann.client.get(asked.json()["url"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith("attachment;")
    whole = zipfile.ZipFile(io.BytesIO(answer.content))
    assert whole.testzip() is None
    return whole


def rows(whole: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(whole.read(name).decode())))


async def test_an_archive_holds_everything_about_a_person(
    pool: asyncpg.Pool, superuser: asyncpg.Connection, workspace: Workspace, actor: Actor, ann: Visitor
) -> None:
    user_id = person(workspace)
    chance = random.Random(1)
    async with transaction(pool) as work:
        key, text = await keys.issue(
            work, workspace.workspace_id, "=cmd()", actor=actor, spend_limit=10**9, spend_period="day"
        )
        await ledger.adjust(
            work,
            transfer_id=TransferId(new_id()),
            workspace_id=workspace.workspace_id,
            amount=Nanocredits(5 * 10**9),
            actor="test",
            reason="welcome",
        )
        await mail.enqueue(work, Kind.NEW_DEVICE, "ann@example.com", "en", values(Kind.NEW_DEVICE), user_id=user_id)
    async with pool.acquire() as work:
        bought = await order(work, workspace.workspace_id, actor, amount="10")
    await pool.execute("UPDATE users SET created_at = now() - interval '1 day'")
    moments = [datetime.now(UTC) - timedelta(minutes=minute) for minute in range(1, 6)]
    own = usage.Tenant(workspace.workspace_id, user_id, user_id, [key.key_id], [], new_id())
    await usage.put_requests(superuser, own, moments, chance)
    # In a team, only what the person's own keys asked is theirs.
    team = await usage.make_tenant(superuser)
    await superuser.execute("UPDATE api_keys SET created_by = $1 WHERE key_id = $2", user_id, team.ann_keys[0])
    asked = await usage.put_requests(superuser, team, moments * 4, chance)
    of_key = [row for row in asked if row["key_id"] == team.ann_keys[0]]
    assert 0 < len(of_key) < len(asked)

    whole = await archive(ann)
    account = json.loads(whole.read("account.json"))
    assert (account["email"], account["name"], account["user_id"]) == ("Ann@Example.com", "Ann", show("usr", user_id))
    [session] = rows(whole, "sessions.csv")
    assert (session["origin"], session["method"]) == ("192.0.2.1", "password")
    exported = rows(whole, "keys.csv")
    assert {row["key_id"] for row in exported} == {show("key", key.key_id), show("key", team.ann_keys[0])}
    [mine] = [row for row in exported if row["key_id"] == show("key", key.key_id)]
    assert (mine["name"], mine["spend_limit"], mine["last_four"]) == ("'=cmd()", "1", text[-4:])
    [membership] = rows(whole, "workspaces.csv")
    assert (membership["role"], membership["kind"]) == ("owner", "personal")
    usages = rows(whole, f"usage/{show('ws', workspace.workspace_id)}.csv")
    assert [row["requests"] for row in usages] == ["1"] * 5 + ["5"]
    of_team = rows(whole, f"usage/{team.public}.csv")
    assert len(of_team) == len(of_key) + 1
    lines = rows(whole, "ledger.csv")
    assert [(line["kind"], line["amount"], line["balance_after"], line["reason"]) for line in lines] == [
        ("adjustment", "5", "5", "welcome")
    ]
    [recharge] = rows(whole, "recharges.csv")
    assert (recharge["recharge_id"], recharge["reference"], recharge["credits"], recharge["price_minor"]) == (
        show("rch", bought.recharge_id),
        bought.reference,
        "10",
        "1000",
    )
    [letter] = rows(whole, "mails.csv")
    assert letter["kind"] == "new_device"
    audit = {row["action"]: row for row in rows(whole, "audit.csv")}
    assert (audit["user.create"]["by"], audit["user.create"]["from"]) == ("somebody else", "")
    assert audit["account.export_download"]["by"] == "you"


async def test_nothing_in_an_archive_lets_anybody_in(
    pool: asyncpg.Pool, workspace: Workspace, actor: Actor, ann: Visitor
) -> None:
    async with transaction(pool) as work:
        _, text = await keys.issue(work, workspace.workspace_id, "ci", actor=actor)
        await mail.enqueue(
            work, Kind.RESET_PASSWORD, "ann@example.com", "en", values(Kind.RESET_PASSWORD), user_id=person(workspace)
        )
    await pool.execute("UPDATE users SET password_hash = '$argon2id$secret'")
    whole = await archive(ann)
    everything = b"".join(whole.read(name) for name in whole.namelist())
    for secret in (text[9:-4], "argon2id", "Tok3n", "digest"):
        assert secret.encode() not in everything
    session = next(iter(ann.client.cookies.values()))
    assert session.encode() not in everything


async def test_an_archive_is_asked_for_with_a_proof_of_identity(pool: asyncpg.Pool, ann: Visitor) -> None:
    await pool.execute("UPDATE users SET password_hash = '$argon2id$some'")
    refused = await ann.client.post("/api/account/export")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "step_up_required")


async def test_an_archive_is_for_the_one_who_asked_and_for_a_quarter_of_an_hour(
    pool: asyncpg.Pool, keyring: Keyring, tmp_path: Path, actor: Actor, ann: Visitor
) -> None:
    await ann.prove("account.export")
    url = (await ann.client.post("/api/account/export")).json()["url"]
    async with transaction(pool) as connection:
        bob = await accounts.create_user(connection, "bob@example.com", actor=actor)
    async with visiting(pool, keyring, tmp_path, bob.user_id) as other:
        assert (await other.client.get(url)).status_code == 404
    assert (await ann.client.get("/api/account/export/exp_1")).status_code == 404
    await pool.execute("UPDATE data_exports SET expires_at = now()")
    late = await ann.client.get(url)
    assert (late.status_code, late.json()["error"]["code"]) == (404, "link_expired")


async def test_a_large_ledger_is_whole(pool: asyncpg.Pool, workspace: Workspace, ann: Visitor) -> None:
    async with transaction(pool) as work:
        for number in range(450):
            await ledger.adjust(
                work,
                transfer_id=TransferId(new_id()),
                workspace_id=workspace.workspace_id,
                amount=Nanocredits(number + 1),
                actor="test",
                reason=f"line {number}",
            )
    lines = rows(await archive(ann), "ledger.csv")
    assert [line["reason"] for line in lines] == [f"line {number}" for number in reversed(range(450))]


async def test_an_archive_is_not_made_again_and_again(ann: Visitor) -> None:
    await ann.prove("account.export")
    url = (await ann.client.post("/api/account/export")).json()["url"]
    answers = [(await ann.client.get(url)).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
