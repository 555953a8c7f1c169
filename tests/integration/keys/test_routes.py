"""API keys and management keys as people and programs use them through /api."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from omna.db.pool import borrow
from omna.errors import InvalidApiKey, KeyDisabled
from omna.keys import service as keys
from omna.keys.model import generate_management
from tests.harness.team import Browser, Team

LIMITED = {"name": "ci", "spend_limit": "5", "spend_period": "total"}


async def create(who: Browser, **settings: Any) -> dict[str, Any]:
    answer = await who.call("POST", "/keys", LIMITED | settings)
    assert answer.status == 201, answer.json
    made: dict[str, Any] = answer.json
    return made


async def works(team: Team, secret: str) -> bool:
    async with borrow(team.pool) as connection:
        try:
            await keys.authenticate(connection, secret)
        except (InvalidApiKey, KeyDisabled):
            return False
        return True


async def names(who: Browser, query: str = "") -> list[str]:
    return [row["name"] for row in (await who.call("GET", f"/keys{query}")).json["items"]]


async def test_a_key_is_made_shown_once_and_told_by_mail(team: Team) -> None:
    made = await create(team.member, rpm=60)
    row, secret = made["key"], made["secret"]
    assert await works(team, secret)
    assert (row["status"], row["rpm"], row["spend_limit"], row["spend_period"], row["yours"]) == (
        "active",
        60,
        "5",
        "total",
        True,
    )
    assert (row["created_by"], row["creator_name"], row["last_used_at"], row["requests_24h"]) == (
        team.member.id,
        "Member",
        None,
        0,
    )
    assert row["label"] == f"{secret[:9]}…{secret[-4:]}"
    assert secret not in str((await team.member.call("GET", "/keys")).json)
    mails = await team.query("SELECT recipient, text FROM mail_outbox WHERE kind = 'key_created'")
    assert [mail["recipient"] for mail in mails] == ["member@example.com"]
    assert secret not in mails[0]["text"]


async def test_a_key_without_a_limit_needs_a_fresh_proof(team: Team) -> None:
    body = {"name": "free"}
    refused = await team.member.call("POST", "/keys", body)
    assert refused.code == (403, "step_up_required")
    assert refused.json["error"]["details"]["action"] == "key.create_unlimited"
    await team.member.prove("key.create_unlimited")
    assert (await team.member.call("POST", "/keys", body)).status == 201
    made = await create(team.member)
    path = f"/keys/{made['key']['id']}"
    assert (await team.member.call("PUT", path, {"name": "ci"})).code == (403, "step_up_required")
    await team.member.prove("key.create_unlimited", made["key"]["id"])
    assert (await team.member.call("PUT", path, {"name": "ci"})).json["spend_limit"] is None
    # A rotation hands out a secret, too.
    assert (await team.member.call("POST", f"{path}/rotation", {})).code == (403, "step_up_required")
    await team.member.prove("key.create_unlimited", made["key"]["id"])
    assert (await team.member.call("POST", f"{path}/rotation", {})).status == 201


async def test_billing_has_no_keys_and_a_waiting_person_makes_none(team: Team) -> None:
    assert (await team.billing.call("POST", "/keys", LIMITED)).code == (403, "forbidden")
    assert (await team.billing.call("GET", "/keys")).code == (403, "forbidden")
    await team.query("UPDATE workspaces SET pending = 'verification' WHERE workspace_id = $1", team.stranger.personal)
    path = f"/api/workspaces/ws_{team.stranger.personal.hex}/keys"
    assert (await team.stranger.call("POST", path, LIMITED)).code == (403, "email_not_verified")


async def test_members_manage_their_own_keys_and_admins_all(team: Team) -> None:
    theirs, admins = await create(team.member, name="theirs"), await create(team.admin, name="admins")
    assert await names(team.member) == ["theirs"]
    assert sorted(await names(team.admin)) == ["admins", "theirs"]
    other = f"/keys/{admins['key']['id']}"
    for method, path, body in (
        ("GET", other, None),
        ("PUT", other, LIMITED),
        ("POST", f"{other}/disable", None),
        ("POST", f"{other}/enable", None),
        ("POST", f"{other}/rotation", {}),
        ("POST", f"{other}/revocation", {"name": "admins"}),
    ):
        assert (await team.member.call(method, path, body)).code == (404, "not_found")
    mine = f"/keys/{theirs['key']['id']}"
    assert (await team.admin.call("POST", f"{mine}/disable")).json["status"] == "disabled"
    assert not await works(team, theirs["secret"])
    assert (await team.member.call("POST", f"{mine}/enable")).json["status"] == "active"
    assert (await team.stranger.call("GET", mine)).code == (404, "not_found")
    elsewhere = f"/api/workspaces/ws_{team.stranger.personal.hex}/keys/{theirs['key']['id']}"
    assert (await team.stranger.call("GET", elsewhere)).code == (404, "not_found")


async def test_settings_change_whole(team: Team) -> None:
    made = await create(team.member, rpm=10)
    path = f"/keys/{made['key']['id']}"
    expires = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    body = {"name": "new name", "spend_limit": "7", "spend_period": "week", "max_running": 3, "expires_at": expires}
    changed = (await team.member.call("PUT", path, body)).json
    assert (changed["name"], changed["rpm"], changed["max_running"], changed["spend_period"]) == (
        "new name",
        None,
        3,
        "week",
    )
    assert changed["resets_at"] is not None
    # What is sent back as it came is no mistake.
    again = await team.member.call("PUT", path, body | {"expires_at": changed["expires_at"]})
    assert again.status == 200
    for wrong in ({"rpm": 0}, {"name": ""}, {"spend_period": None}, {"allowed_models": ["nowhere"]},
                  {"expires_at": "2020-01-01T00:00:00Z"}, {"allowed_models": []}, {"unknown": 1}):  # fmt: skip
        assert (await team.member.call("PUT", path, body | wrong)).code == (400, "invalid_value"), wrong


async def test_rotation_lets_both_keys_work_for_a_while(team: Team) -> None:
    made = await create(team.member, rpm=10)
    path = f"/keys/{made['key']['id']}"
    rotated = await team.member.call("POST", f"{path}/rotation", {"overlap_hours": 2})
    assert rotated.status == 201
    new = rotated.json
    assert await works(team, made["secret"])
    assert await works(team, new["secret"])
    assert (new["key"]["rpm"], new["key"]["spend_limit"], new["key"]["expires_at"]) == (10, "5", None)
    old = (await team.member.call("GET", path)).json
    assert (old["status"], old["replaced_by"]) == ("rotating", new["key"]["id"])
    left = datetime.fromisoformat(old["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=1, minutes=58) < left < timedelta(hours=2, minutes=1)
    assert (await team.member.call("POST", f"{path}/rotation", {})).code == (409, "conflict")
    for hours in (-1, 169):
        answer = await team.member.call("POST", f"/keys/{new['key']['id']}/rotation", {"overlap_hours": hours})
        assert answer.code == (400, "invalid_value")


async def test_rotation_without_overlap_ends_the_old_key(team: Team) -> None:
    made = await create(team.member)
    path = f"/keys/{made['key']['id']}"
    assert (await team.member.call("POST", f"{path}/rotation", {"overlap_hours": 0})).status == 201
    assert not await works(team, made["secret"])
    assert (await team.member.call("GET", path)).json["status"] == "expired"
    for method, action, body in (("POST", "/enable", None), ("PUT", "", LIMITED), ("POST", "/rotation", {})):
        assert (await team.member.call(method, f"{path}{action}", body)).code == (409, "conflict")


async def test_a_key_is_replaced_once_however_often_it_is_asked_at_once(team: Team) -> None:
    made = await create(team.member)
    path = f"/keys/{made['key']['id']}/rotation"
    answers = await asyncio.gather(*(team.member.call("POST", path, {}) for _ in range(3)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409]


async def test_a_deleted_key_needs_its_name_typed(team: Team) -> None:
    made = await create(team.member)
    path = f"/keys/{made['key']['id']}"
    assert (await team.member.call("POST", f"{path}/revocation", {"name": "other"})).code == (400, "invalid_value")
    assert (await team.member.call("POST", f"{path}/revocation", {"name": "ci"})).status == 204
    assert not await works(team, made["secret"])
    assert await names(team.member) == []
    assert await names(team.member, "?status=revoked") == ["ci"]
    assert (await team.member.call("GET", path)).json["status"] == "revoked"


async def test_a_leaked_key_stops_at_once_and_the_owners_are_told(team: Team) -> None:
    made = await create(team.member)
    path = f"/keys/{made['key']['id']}/revocation"
    for _ in range(2):
        assert (await team.member.call("POST", path, {"name": "", "leaked": True})).status == 204
    assert not await works(team, made["secret"])
    mails = await team.query("SELECT recipient FROM mail_outbox WHERE kind = 'key_leaked' ORDER BY recipient")
    assert [mail["recipient"] for mail in mails] == ["member@example.com", "owner@example.com"]


async def test_a_key_is_found_by_the_digest_of_its_secret(team: Team) -> None:
    made = await create(team.member)
    digest = hashlib.sha256(made["secret"].encode()).hexdigest()
    assert (await team.member.call("GET", f"/keys/{digest}")).json["id"] == made["key"]["id"]
    assert (await team.stranger.call("GET", f"/api/workspaces/ws_{team.stranger.personal.hex}/keys/{digest}")).code == (
        404,
        "not_found",
    )
    for other in ("0" * 64, "z" * 64, "key_1"):
        assert (await team.member.call("GET", f"/keys/{other}")).code == (404, "not_found")


async def test_the_list_is_sorted_searched_and_paged(team: Team) -> None:
    for name in ("beta", "Alpha", "gamma", "delta"):
        await create(team.admin, name=name)
    assert await names(team.admin) == ["delta", "gamma", "Alpha", "beta"]
    assert await names(team.admin, "?sort=name") == ["Alpha", "beta", "delta", "gamma"]
    assert await names(team.admin, "?search=ALP") == ["Alpha"]
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await team.admin.call("GET", f"/keys?sort=-name&limit=3{cursor}")).json
        seen += [row["name"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["gamma", "delta", "beta", "Alpha"]
    # A cursor belongs to the order it was made for.
    page = (await team.admin.call("GET", "/keys?sort=name&limit=1")).json
    wrong = await team.admin.call("GET", f"/keys?sort=spent_30d&limit=1&cursor={page['next_cursor']}")
    assert wrong.code == (400, "invalid_value")


async def test_a_list_tells_what_a_key_spent(team: Team, database_url: str) -> None:
    made = await create(team.member, spend_period="day")
    (row,) = await team.query("SELECT key_id FROM api_keys")
    administrator = await asyncpg.connect(database_url)
    await administrator.execute(
        """INSERT INTO omna.key_spend (workspace_id, key_id, day, spent, held, requests, last_used_at) VALUES
           ($1, $2, (now() AT TIME ZONE 'UTC')::date, 1500000000, 250000000, 3, now()),
           ($1, $2, (now() AT TIME ZONE 'UTC')::date - 1, 1000000000, 0, 2, now() - interval '1 day'),
           ($1, $2, (now() AT TIME ZONE 'UTC')::date - 40, 9000000000, 0, 9, now() - interval '40 days')""",
        team.workspace_id,
        row["key_id"],
    )
    await administrator.close()
    shown = (await team.member.call("GET", f"/keys/{made['key']['id']}")).json
    assert (shown["spent_in_period"], shown["held"], shown["spent_30d"], shown["requests_30d"]) == (
        "1.5",
        "0.25",
        "2.5",
        5,
    )
    assert shown["last_used_at"] is not None
    me = next(row for row in (await team.member.call("GET", "/members")).json if row["you"])
    assert me["spent_30_days"] == "2.5"


async def management_key(team: Team, who: Browser, role: str = "admin") -> tuple[dict[str, Any], dict[str, str]]:
    """Return a management key and the header that sends it."""
    await who.prove("management_key.create")
    answer = await who.call("POST", "/management-keys", {"name": "automation", "role": role})
    assert answer.status == 201, answer.json
    return answer.json["key"], {"authorization": f"Bearer {answer.json['secret']}"}


async def test_a_management_key_uses_api_in_its_workspace_alone(team: Team) -> None:
    refused = await team.admin.call("POST", "/management-keys", {"name": "automation"})
    assert refused.code == (403, "step_up_required")
    row, header = await management_key(team, team.admin)
    assert (row["role"], row["creator_name"], row["last_used_at"]) == ("admin", "Admin", None)
    made = await team.call("POST", "/keys", LIMITED, headers=header)
    assert made.status == 201
    assert made.json["key"]["created_by"] == team.admin.id
    (listed,) = (await team.owner.call("GET", "/management-keys")).json
    assert listed["last_used_at"] is not None
    personal = f"/api/workspaces/ws_{team.admin.personal.hex}"
    assert (await team.call("GET", personal, headers=header)).code == (404, "not_found")
    # No step-up, no further management keys, nothing that is a person's alone.
    assert (await team.call("POST", "/keys", {"name": "free"}, headers=header)).code == (403, "forbidden")
    assert (await team.call("GET", "/management-keys", headers=header)).code == (403, "forbidden")
    assert (await team.call("POST", "/leaving", {}, headers=header)).code == (403, "forbidden")
    assert (await team.call("GET", "/api/workspaces", headers=header)).code == (401, "unauthenticated")
    acted = await team.query("SELECT actor FROM audit_log WHERE action = 'key.issue'")
    assert acted[-1]["actor"] == row["id"]


async def test_a_management_key_never_may_more_than_its_role_or_its_maker(team: Team) -> None:
    _, low = await management_key(team, team.admin, "member")
    _, high = await management_key(team, team.admin)
    assert (await team.call("GET", "/invitations", headers=low)).code == (403, "forbidden")
    assert (await team.call("GET", "/invitations", headers=high)).status == 200
    await team.owner.call("PATCH", f"/members/{team.admin.id}", {"role": "member"})
    assert (await team.call("GET", "/invitations", headers=high)).code == (403, "forbidden")
    assert (await team.call("GET", "/keys", headers=high)).status == 200
    await team.owner.call("POST", f"/members/{team.admin.id}/removal", {})
    assert (await team.call("GET", "/keys", headers=high)).code == (401, "unauthenticated")


async def test_an_ended_or_unknown_management_key_opens_nothing(team: Team) -> None:
    row, header = await management_key(team, team.owner)
    await team.query("UPDATE management_keys SET expires_at = now()")
    assert (await team.call("GET", "", headers=header)).code == (401, "unauthenticated")
    await team.query("UPDATE management_keys SET expires_at = NULL")
    assert (await team.owner.call("DELETE", f"/management-keys/{row['id']}")).status == 204
    assert (await team.call("GET", "", headers=header)).code == (401, "unauthenticated")
    assert (await team.owner.call("DELETE", f"/management-keys/{row['id']}")).code == (404, "not_found")
    for text in (generate_management(), "omna_mgmt_x", ""):
        answer = await team.call("GET", "", headers={"authorization": f"Bearer {text}"})
        assert answer.code == (401, "unauthenticated")


@pytest.mark.parametrize("who", ["billing", "member"])
async def test_only_owner_and_admin_have_management_keys(team: Team, who: str) -> None:
    browser: Browser = getattr(team, who)
    await browser.prove("management_key.create")
    assert (await browser.call("POST", "/management-keys", {"name": "x"})).code == (403, "forbidden")
    assert (await browser.call("GET", "/management-keys")).code == (403, "forbidden")


async def test_the_use_of_a_management_key_is_noted_once_a_minute(team: Team) -> None:
    _, header = await management_key(team, team.owner)
    await team.call("GET", "", headers=header)
    (first,) = await team.query("SELECT last_used_at FROM management_keys")
    await team.call("GET", "", headers=header)
    assert await team.query("SELECT last_used_at FROM management_keys") == [first]
    await team.query("UPDATE management_keys SET last_used_at = now() - interval '2 minutes'")
    await team.call("GET", "", headers=header)
    (later,) = await team.query("SELECT last_used_at FROM management_keys")
    assert later["last_used_at"] >= first["last_used_at"]


async def test_no_secret_is_stored_in_clear(team: Team) -> None:
    made = await create(team.member)
    _, header = await management_key(team, team.owner)
    rows = await team.query(
        "SELECT k::text AS row FROM api_keys AS k UNION ALL SELECT m::text FROM management_keys AS m"
        " UNION ALL SELECT a::text FROM audit_log AS a UNION ALL SELECT o::text FROM mail_outbox AS o"
    )
    for secret in (made["secret"], header["authorization"].removeprefix("Bearer ")):
        assert all(secret not in row["row"] and secret[14:-8] not in row["row"] for row in rows)
