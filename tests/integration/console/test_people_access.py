"""Who may come in, and who works here, as owners decide it through /api/console."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from omna.accounts import policy, sign_up, staff
from omna.accounts.desk import Desk
from omna.accounts.model import Client, StaffRole, User
from omna.accounts.passwords import Passwords
from omna.accounts.sign_up import SignUp
from omna.config import Accounts, Settings
from omna.db.pool import Connection, borrow, transaction
from omna.errors import Conflict, Forbidden, LinkExpired, OmnaError, SignUpClosed
from omna.ids import UserId, show
from omna.membership import admitting, arrival, asking
from tests.harness.team import Answer, Browser, Team

WHY = {"reason": "It was asked for"}
CLIENT = Client("198.51.100.7")
PASSWORD = "correct horse battery staple 9"


@pytest.fixture
def desk(team: Team, tmp_path: Path) -> Iterator[Desk]:
    passwords = Passwords(threads=1)
    yield Desk(team.pool, team.keyring, passwords, Settings(data=tmp_path))
    passwords.close()


async def act(staff_member: Browser, path: str, **body: object) -> Answer:
    return await staff_member.call("POST", f"/api/console{path}", {**WHY, **body})


async def mails(team: Team, to: str) -> list[tuple[str, str]]:
    rows = await team.query("SELECT kind, text FROM mail_outbox WHERE recipient = $1 ORDER BY mail_id", to)
    return [(row["kind"], row["text"]) for row in rows]


async def arrive(desk: Desk, email: str) -> User:
    async def then(connection: Connection, user: User) -> None:
        await arrival.welcome(connection, desk, user, origin="test")

    user = await sign_up.sign_up(desk, SignUp(email, "New", PASSWORD, "en", "2026-11"), CLIENT, then)
    assert user is not None
    return user


async def test_the_mode_of_sign_up_changes_while_omna_runs(team: Team, desk: Desk) -> None:
    owner = await team.hire("owner")
    before = (await owner.call("GET", "/api/console/access")).json
    assert (before["sign_up"], before["sign_up_from"], before["starter_credits"]) == ("open", "configuration", "0")
    change = {"sign_up": "invite", "starter_credits": "2.5"}
    assert (await act(owner, "/access", **change)).code == (403, "step_up_required")
    await owner.prove("access.policy", "access")
    after = (await act(owner, "/access", **change)).json
    assert (after["sign_up"], after["sign_up_from"], after["sign_up_configured"]) == ("invite", "console", "open")
    assert (after["starter_credits"], after["starter_credits_from"]) == ("2.5", "console")
    assert (await team.call("GET", "/api/installation")).json["sign_up"] == "invite"
    with pytest.raises(SignUpClosed):
        await arrive(desk, "late@example.com")
    (line,) = await team.query("SELECT reason, before, after FROM audit_log WHERE seq = $1", after["audit_seq"])
    assert (line["reason"], line["before"]["sign_up"], line["after"]["sign_up"]) == (WHY["reason"], "open", "invite")
    await owner.prove("access.policy", "access")
    back = (await act(owner, "/access", sign_up=None, starter_credits=None)).json
    assert (back["sign_up"], back["sign_up_from"], back["starter_credits"]) == ("open", "configuration", "0")


async def test_starter_credits_of_one_person_stay_below_what_four_eyes_leave_to_one(team: Team) -> None:
    owner = await team.hire("owner")
    await owner.prove("access.policy", "access")
    # Nobody else could be the second person.
    assert (await act(owner, "/access", sign_up=None, starter_credits="1000")).status == 200
    await team.hire("finance")
    for amount, expected in (("100.000000001", 400), ("100", 200), (None, 200)):
        await owner.prove("access.policy", "access")
        answer = await act(owner, "/access", sign_up=None, starter_credits=amount)
        assert answer.status == expected, amount
    assert answer.json["starter_credits"] == "0"


async def test_starter_credits_are_those_that_hold_at_the_proof(team: Team, desk: Desk) -> None:
    async with transaction(team.pool) as connection:
        await policy.decide(
            connection,
            Accounts(),
            sign_up="approval",
            starter_credits=3_000_000_000,
            reason="x",
            actor=team.actor,  # type: ignore[arg-type]
        )
    user = await arrive(desk, "ada@example.com")
    assert not user.approved
    async with transaction(team.pool) as connection:
        await connection.execute("UPDATE users SET email_verified_at = now() WHERE user_id = $1", user.user_id)
        await arrival.settle_in(connection, desk, user.user_id, origin="test")
    (row,) = await team.query(
        "SELECT available_promo FROM wallets JOIN workspaces USING (workspace_id) WHERE personal_user_id = $1",
        user.user_id,
    )
    assert row["available_promo"] == 3_000_000_000


async def test_who_waits_is_approved_or_declined_once_and_told(team: Team, desk: Desk) -> None:
    async with transaction(team.pool) as connection:
        await policy.decide(
            connection, Accounts(), sign_up="approval", starter_credits=None, reason="x", actor=team.actor
        )
    ada, bob = await arrive(desk, "ada@example.com"), await arrive(desk, "bob@example.com")
    owner = await team.hire("owner")
    queues = (await owner.call("GET", "/api/console/access/queues")).json
    assert [row["email"] for row in queues["waiting"]] == ["ada@example.com", "bob@example.com"]
    yes, no = f"/access/waiting/{show('usr', ada.user_id)}", f"/access/waiting/{show('usr', bob.user_id)}"
    answers = await asyncio.gather(act(owner, f"{yes}/approve"), act(owner, f"{yes}/decline", message="No."))
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert (await act(owner, f"{no}/decline", message="Not now.")).status == 200
    assert (await act(owner, f"{no}/approve")).code == (409, "conflict")
    kind, text = (await mails(team, "bob@example.com"))[-1]
    assert kind == "access_decision"
    assert "Not now." in text
    (row,) = await team.query("SELECT disabled_at, approved_at FROM users WHERE user_id = $1", bob.user_id)
    assert row["disabled_at"] is not None
    assert row["approved_at"] is None
    assert (await owner.call("GET", "/api/console/access/queues")).json["waiting"] == []


async def test_a_request_is_answered_by_an_invitation_that_makes_one_account(team: Team, desk: Desk) -> None:
    for name in ("eve", "zoe"):
        await asking.ask(desk, email=f"{name}@example.com", name=name, message="Please", client=CLIENT)
    owner = await team.hire("owner")
    requests = (await owner.call("GET", "/api/console/access/queues")).json["requests"]
    eve, zoe = (next(row["id"] for row in requests if row["name"] == name) for name in ("eve", "zoe"))
    assert (await act(owner, f"/access/requests/{zoe}/decline", message="Full.")).status == 200
    assert (await act(owner, f"/access/requests/{zoe}/invite")).code == (409, "conflict")
    assert (await mails(team, "zoe@example.com"))[-1][0] == "access_decision"
    assert (await act(owner, f"/access/requests/{eve}/invite")).status == 200
    kind, text = (await mails(team, "eve@example.com"))[-1]
    assert kind == "access_invitation"
    token = text.rpartition("/join/")[2].split()[0]
    async with transaction(team.pool) as connection:
        await policy.decide(
            connection, Accounts(), sign_up="invite", starter_credits=None, reason="x", actor=team.actor
        )
    facts = {"name": "Eve", "password": PASSWORD, "language": "en", "terms_version": "2026-11", "client": CLIENT}
    await admitting.join(desk, token, **facts)  # type: ignore[arg-type]
    (row,) = await team.query("SELECT * FROM users WHERE email = 'eve@example.com'")
    assert row["email_verified_at"] is not None
    assert row["approved_at"] is not None
    with pytest.raises(LinkExpired):
        await admitting.join(desk, token, **facts)  # type: ignore[arg-type]


async def test_an_invitation_is_sent_once_and_can_be_revoked(team: Team) -> None:
    owner = await team.hire("owner")
    assert (await act(owner, "/access/invitations", email="new@example.com")).status == 200
    assert (await act(owner, "/access/invitations", email="New@example.com")).code == (409, "conflict")
    assert (await act(owner, "/access/invitations", email=team.owner.email)).code == (409, "conflict")
    (row,) = (await owner.call("GET", "/api/console/access/queues")).json["invitations"]
    assert (row["email"], row["invited_by"], row["expired"]) == ("new@example.com", "Owner", False)
    token = (await mails(team, "new@example.com"))[-1][1].rpartition("/join/")[2].split()[0]
    assert (await act(owner, f"/access/invitations/{row['id']}/revoke")).status == 200
    assert (await act(owner, f"/access/invitations/{row['id']}/revoke")).code == (409, "conflict")
    async with borrow(team.pool) as connection:
        with pytest.raises(LinkExpired):
            await admitting.look_up(connection, token)


async def set_role(team: Team, by: Browser, whom: Browser, role: StaffRole | None) -> int:
    async with transaction(team.pool) as connection:
        return await staff.set_role(
            connection, whom.user_id, role, by=UserId(by.user_id), reason="because", actor=team.actor
        )


async def test_a_role_is_given_and_taken_by_an_owner_and_told_by_mail(team: Team) -> None:
    owner, clerk = await team.hire("owner"), await team.person("clerk@example.com")
    await set_role(team, owner, clerk, StaffRole.SUPPORT)
    assert "Support" in (await mails(team, "clerk@example.com"))[-1][1]
    people = (await owner.call("GET", "/api/console/staff")).json
    assert [(row["role"], row["you"], row["second_factor"]) for row in people] == [
        ("owner", True, True),
        ("support", False, False),
    ]
    with pytest.raises(Conflict):
        await set_role(team, owner, clerk, StaffRole.SUPPORT)
    with pytest.raises(Conflict, match="own role"):
        await set_role(team, owner, owner, None)
    with pytest.raises(Forbidden):
        await set_role(team, clerk, team.stranger, StaffRole.OWNER)
    support = await team.hire("finance")
    assert (await support.call("GET", "/api/console/session")).json["open"]
    await set_role(team, owner, support, StaffRole.AUDITOR)
    assert not (await support.call("GET", "/api/console/session")).json["open"]
    await set_role(team, owner, support, None)
    assert (await support.call("GET", "/api/console/session")).status == 404


async def test_of_two_owners_who_dismiss_each_other_one_stays(team: Team) -> None:
    first, second = await team.hire("owner", "First"), await team.hire("owner", "Second")
    outcomes = await asyncio.gather(
        set_role(team, first, second, None), set_role(team, second, first, None), return_exceptions=True
    )
    assert sum(isinstance(one, int) for one in outcomes) == 1
    (refused,) = [one for one in outcomes if isinstance(one, OmnaError)]
    assert isinstance(refused, Forbidden)
    (row,) = await team.query("SELECT count(*) AS owners FROM users WHERE staff_role = 'owner'")
    assert row["owners"] == 1
