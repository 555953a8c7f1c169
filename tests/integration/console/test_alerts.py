"""Alerts as staff see them, and the settings of owners: who may, what is recorded, what is shown once."""

from typing import Any

import msgspec

from omna.alerts import service as alerts
from omna.db.pool import transaction
from omna.ids import AlertId, new_id, show
from tests.harness.team import Team

ALERTS, SETTINGS = "/api/console/alerts", "/api/console/alert-settings"
REASON = {"reason": "On it"}


async def up(team: Team, subject: str = "openai", severity: Any = "warning") -> str:
    async with transaction(team.pool) as connection:
        alert_id: AlertId = await alerts.raise_alert(
            connection, "test.cap", subject, severity=severity, facts={"percent": 80}, message=f"{subject} at 80 %"
        )
    return show("alr", alert_id)


async def recorded(team: Team, seq: int) -> Any:
    async with team.pool.acquire() as connection:
        row = await connection.fetchrow(
            "SELECT action, subject, reason, after::text FROM audit_log WHERE seq = $1", seq
        )
    assert row is not None
    return (*row[:3], msgspec.json.decode(row["after"]) if row["after"] else None)


async def test_support_acknowledges_once_and_ends(team: Team) -> None:
    first, second = await up(team), await up(team, "anthropic", "critical")
    staff = await team.hire("support")
    listed = (await staff.call("GET", f"{ALERTS}?limit=1")).json
    assert [row["id"] for row in listed["items"]] == [second]
    rest = (await staff.call("GET", f"{ALERTS}?limit=1&cursor={listed['next_cursor']}")).json
    assert [(row["id"], row["headline"]) for row in rest["items"]] == [(first, "openai at 80 %")]
    assert rest["next_cursor"] is None
    assert (await staff.call("GET", f"{ALERTS}?severity=critical")).json["items"][0]["id"] == second
    assert (await staff.call("GET", f"{ALERTS}/summary")).json == {"critical": 1, "warning": 1, "info": 0}

    answer = await staff.call("POST", f"{ALERTS}/{first}/acknowledge", REASON)
    assert (answer.status, answer.json["state"], answer.json["next_notice_at"]) == (200, "acknowledged", None)
    assert await recorded(team, answer.json["audit_seq"]) == (
        "alert.acknowledge", first, "On it", {"state": "acknowledged", "kind": "test.cap", "subject": "openai"},
    )  # fmt: skip
    assert (await staff.call("POST", f"{ALERTS}/{first}/acknowledge", REASON)).status == 409
    assert (await staff.call("POST", f"{ALERTS}/{first}/end", REASON)).json["state"] == "resolved"
    assert (await staff.call("POST", f"{ALERTS}/{first}/end", REASON)).status == 409
    assert [row["id"] for row in (await staff.call("GET", f"{ALERTS}?state=resolved")).json["items"]] == [first]
    assert (await staff.call("GET", f"{ALERTS}/{show('alr', new_id())}")).status == 404


async def test_owner_says_who_is_told(team: Team) -> None:
    owner = await team.hire("owner")
    before = (await owner.call("GET", SETTINGS)).json
    assert before["recipients"] is None
    assert len(before["mails_go_to"]) >= 1
    wish = {"recipients": ["On-Call@example.com"], "least_severity": "critical", **REASON}
    assert (await owner.call("PUT", f"{SETTINGS}/recipients", wish)).json["error"]["code"] == "step_up_required"
    await owner.prove("alert_settings.change", "alerts")
    answer = await owner.call("PUT", f"{SETTINGS}/recipients", wish)
    assert answer.json["mails_go_to"] == ["on-call@example.com"]
    assert (await recorded(team, answer.json["audit_seq"]))[3]["recipients"] == ["on-call@example.com"]
    await owner.prove("alert_settings.change", "alerts")
    bad = await owner.call("PUT", f"{SETTINGS}/recipients", {**wish, "recipients": ["no address"]})
    assert (bad.status, bad.json["error"]["field"]) == (400, "recipients")


async def test_secret_of_the_webhook_is_shown_once_and_its_path_stays_out_of_the_log(team: Team) -> None:
    owner = await team.hire("owner")
    url = "https://hooks.example.com/services/T0/very-secret-path"
    await owner.prove("alert_webhook.set", "alerts")
    answer = await owner.call("PUT", f"{SETTINGS}/webhook", {"url": url, **REASON})
    assert answer.json["secret"].startswith("whsec_")
    entry = await recorded(team, answer.json["audit_seq"])
    assert entry[3] == {"origin": "https://hooks.example.com", "allowed": False}
    shown = await owner.call("GET", SETTINGS)
    assert shown.json["webhook"] == {"url": url, "allowed": False, "old_secret_until": None}
    assert "whsec_" not in str(shown.json)

    await owner.prove("alert_webhook.rotate", "alerts")
    rotated = await owner.call("POST", f"{SETTINGS}/webhook/rotate", REASON)
    assert rotated.json["secret"] not in (None, answer.json["secret"])
    assert rotated.json["webhook"]["old_secret_until"] is not None

    for inside in ("https://10.0.0.1/", "https://169.254.169.254/", "http://hooks.example.com/"):
        await owner.prove("alert_webhook.set", "alerts")
        refused = await owner.call("PUT", f"{SETTINGS}/webhook", {"url": inside, **REASON})
        assert (refused.status, refused.json["error"]["field"]) == (400, "url")

    assert (await owner.call("POST", f"{SETTINGS}/test", REASON)).status == 200
    [delivery] = (await owner.call("GET", f"{SETTINGS}/deliveries")).json["items"]
    assert (delivery["state"], delivery["reason"], delivery["attempts"]) == ("queued", "test", 0)
    [notice] = (await owner.call("GET", f"{SETTINGS}/notices")).json["items"]
    assert notice["delivery"]["id"] == delivery["id"]
    assert [one["state"] for one in notice["mails"]] == ["queued"] * len(notice["mails"])
    again = f"{SETTINGS}/deliveries/{delivery['id']}/send"
    assert (await owner.call("POST", again, REASON)).status == 409

    await owner.prove("alert_webhook.remove", "alerts")
    assert (await owner.call("POST", f"{SETTINGS}/webhook/remove", REASON)).json["webhook"] is None
    [delivery] = (await owner.call("GET", f"{SETTINGS}/deliveries")).json["items"]
    assert (delivery["state"], delivery["error"]) == ("failed", "the webhook was removed")
    async with team.pool.acquire() as connection:
        log = await connection.fetchval("SELECT string_agg(audit_log::text, ' ') FROM audit_log")
    assert "very-secret-path" not in log
    assert "whsec_" not in log


async def test_thresholds_are_changed_by_owners_and_recorded(team: Team) -> None:
    owner = await team.hire("owner")
    path = "/api/console/protection"
    wish = {"changes": {"errors_percent": "30", "spend_floor": "12.5", "errors_stop": "1"}, "reason": "quieter"}
    assert (await owner.call("PUT", path, wish)).json["error"]["code"] == "step_up_required"
    await owner.prove("protection.change", "protection")
    answer = await owner.call("PUT", path, wish)
    assert answer.status == 200, answer.json
    now = {one["name"]: one["value"] for one in (await owner.call("GET", path)).json}
    assert (now["errors_percent"], now["spend_floor"], now["errors_stop"], now["cap_warning"]) == (
        "30",
        "12.5",
        "1",
        "80",
    )
    action, _, reason, after = await recorded(team, answer.json["audit_seq"])
    assert (action, reason, after["errors_percent"]) == ("protection.change", "quieter", 30)
    for name, value in (("errors_percent", "0"), ("errors_percent", "x"), ("nothing", "1"), ("spend_floor", "-1")):
        await owner.prove("protection.change", "protection")
        refused = await owner.call("PUT", path, {"changes": {name: value}, "reason": "x"})
        assert (refused.status, refused.json["error"]["field"]) == (400, "changes" if name == "nothing" else name)
