"""The audit log leaves nothing out: an act of every kind it has to hold, whether it holds it, and from whom."""

import ast
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest

import omna
from omna.accounts import service as accounts
from omna.accounts import sessions, sign_in, staff, totp
from omna.accounts.desk import Desk
from omna.accounts.model import Client, StaffRole
from omna.accounts.passwords import Passwords
from omna.catalog import service as catalog
from omna.catalog.model import rates
from omna.config import Settings
from omna.db.pool import transaction
from omna.errors import BadCredentials
from omna.money import Nanocredits
from omna.risk import freezing
from omna.risk import service as risk
from omna.risk.proposals import service as proposals
from omna.risk.proposals.model import Wish
from tests.harness.team import Team

CLIENT = Client("192.0.2.7")
PASSWORD = "correct horse battery"
WHY = "because"


@pytest.fixture
async def desk(team: Team, tmp_path: Path) -> AsyncIterator[Desk]:
    passwords = Passwords(threads=1)
    yield Desk(team.pool, team.keyring, passwords, Settings(data=tmp_path))
    passwords.close()


async def actions(team: Team, actor: str | None = None) -> set[str]:
    rows = await team.query("SELECT DISTINCT action FROM audit_log WHERE $1::text IS NULL OR actor = $1", actor)
    return {row["action"] for row in rows}


async def test_sign_ins_failures_and_factors(team: Team, desk: Desk) -> None:
    ann = await team.person("ann@example.com")
    async with transaction(team.pool) as connection:
        user = await accounts.get(connection, ann.user_id)
        await accounts.set_password(connection, user, PASSWORD, passwords=desk.passwords, actor=team.actor)
    await sign_in.with_password(desk, ann.email, PASSWORD, CLIENT)
    for email in (ann.email, "nobody@example.com"):
        with pytest.raises(BadCredentials):
            await sign_in.with_password(desk, email, "wrong horse battery", CLIENT)
    async with transaction(team.pool) as connection:
        who = await sessions.resolve(connection, ann.token, "192.0.2.7")
        setup = await totp.begin(connection, desk, who)
    await totp.confirm(desk, who, pyotp.TOTP(setup.secret).now())
    await ann.call("DELETE", "/api/account/sessions")
    assert await actions(team) >= {
        "user.create", "user.password", "user.sign_in", "user.sign_in_fail", "user.totp_begin", "user.totp",
    }  # fmt: skip
    fails = await team.query("SELECT origin FROM audit_log WHERE action = 'user.sign_in_fail'")
    assert [row["origin"] for row in fails] == ["192.0.2.7"] * 2


async def test_roles_keys_and_exports(team: Team) -> None:
    owner = await team.hire("owner")
    bob = await team.person("bob@example.com")
    async with transaction(team.pool) as connection:
        await connection.execute("UPDATE users SET email_verified_at = now() WHERE user_id = $1", bob.user_id)
        await staff.set_role(connection, bob.user_id, StaffRole.SUPPORT, by=owner.user_id, reason=WHY, actor=team.actor)
    await team.owner.call("PATCH", f"/members/{team.member.id}", {"role": "admin"})
    made = await team.owner.call("POST", "/keys", {"name": "ci", "spend_limit": "5", "spend_period": "day"})
    assert made.status == 201, made.json
    await team.owner.call("POST", f"/keys/{made.json['key']['id']}/revocation", {"name": "ci"})
    for path in ("/usage/export", "/ledger/export"):
        answer = await team.http.get(f"/api/workspaces/{team.id}{path}", headers=team.owner.cookie)
        assert answer.status_code == 200, answer.text
    assert await actions(team, team.owner.id) >= {
        "member.role", "key.issue", "key.revoke", "usage.export", "ledger.export",
    }  # fmt: skip
    assert "staff.role" in await actions(team)


async def test_secrets_prices_limits_freezes_stops_and_money(team: Team) -> None:
    owner, actor = await team.hire("owner"), team.actor
    async with transaction(team.pool) as connection:
        await catalog.add_provider(
            connection, "main", kind="openai", base_url="https://api.example.com/v1", secret="sk-canary-5108",
            allow_private=False, keyring=team.keyring, actor=actor,
        )  # fmt: skip
        await catalog.add_model(
            connection, "alpha", provider="main", upstream_model="alpha", prices=rates(2, 2), costs=rates(1, 1),
            actor=actor,
        )  # fmt: skip
        await catalog.price_model(connection, "alpha", rates(3, 3), actor=actor, reason=WHY)
    async with transaction(team.pool) as connection:
        await risk.limit_daily(connection, team.workspace_id, Nanocredits(5), reason=WHY, actor=actor)
        await risk.cap_provider(connection, "main", Nanocredits(7), reason=WHY, actor=actor)
        await risk.cap_model(connection, "alpha", Nanocredits(7), reason=WHY, actor=actor)
        await risk.stop(connection, "all", cut_streams=False, reason=WHY, actor=actor)
        await risk.resume(connection, "all", reason=WHY, actor=actor)
        await freezing.freeze(connection, team.workspace_id, reason=WHY, actor=actor)
        await freezing.unfreeze(connection, team.workspace_id, reason=WHY, actor=actor)
        await freezing.freeze_user(connection, team.member.user_id, reason=WHY, actor=actor)
        await freezing.unfreeze_user(connection, team.member.user_id, reason=WHY, actor=actor)
    await team.hire("finance")
    async with transaction(team.pool) as connection:
        wish = Wish(team.workspace_id, "adjustment", Nanocredits(10**15), "a correction")
        proposed = await proposals.propose(connection, wish, reason=WHY, actor=actor)
    async with transaction(team.pool) as connection:
        second = actor.__class__(owner.id, "192.0.2.1", actor.key)
        await proposals.approve(connection, proposed.proposal.proposal_id, reason=WHY, actor=second)
    found = await actions(team)
    assert found >= {
        "provider.add", "model.add", "model.price", "workspace.limit", "provider.cap", "model.cap", "stop.set",
        "stop.end", "workspace.freeze", "workspace.unfreeze", "user.freeze", "user.unfreeze", "credits.propose",
        "credits.approve",
    }, found  # fmt: skip
    # What changed is there, and no secret.
    everything = await team.query("SELECT concat(reason, before, after) AS text FROM audit_log")
    assert "sk-canary-5108" not in "".join(row["text"] for row in everything)
    # Who acts at the command line is named, with the machine.
    assert {row["actor"] for row in await team.query("SELECT actor FROM audit_log WHERE action = 'stop.set'")} == {
        "cli:tester"
    }


async def test_what_staff_read_and_what_they_may_not(team: Team) -> None:
    support = await team.hire("support")
    ticket = await team.owner.call("POST", "/tickets", {"subject": "Help", "text": "Please", "category": "other"})
    assert ticket.status == 201, ticket.json
    for path in (
        f"tickets/{ticket.json['id']}", f"users/{team.owner.id}", f"workspaces/{team.id}", "audit", "promo-codes",
    ):  # fmt: skip
        await support.call("GET", f"/api/console/{path}")
    found = await actions(team, support.id)
    assert found >= {"ticket.read", "user.read", "workspace.read", "console.refuse"}, found


def test_every_noun_stands_in_the_page_of_the_log() -> None:
    source = Path(omna.__file__).parent
    page = (source.parents[1] / "docs" / "operations" / "audit.md").read_text("utf-8")
    documented = {
        noun for line in page.splitlines() if line.startswith("|") for noun in re.findall(r"`(\w+)[`.]", line)
    }
    recorded = {noun for path in source.rglob("*.py") for noun in nouns(path)}
    assert recorded - documented == set()


def nouns(path: Path) -> set[str]:
    """Return what is done something to in the records that a file writes."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
            found |= {
                part.value.partition(".")[0]
                for part in ast.walk(node.args[2])
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value
            }
    return found
