"""How an installation fares, as the console tells: to owners and auditors, without secrets."""

import json
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from omna.config import load, resolved
from omna.db.pool import transaction
from omna.ids import show
from omna.jobs import runs
from omna.mail import service as mail
from omna.mail.service import Kind
from tests.harness.team import Team

SYSTEM = "/api/console/system"


async def test_the_state_of_the_installation_is_told_without_secrets(team: Team, pool: asyncpg.Pool) -> None:
    owner, auditor, finance = await team.hire("owner"), await team.hire("auditor"), await team.hire("finance")
    assert (await finance.call("GET", SYSTEM)).code == (403, "forbidden")
    answer = await auditor.call("GET", SYSTEM)
    assert answer.status == 200, answer.json
    told = answer.json
    assert told["versions"]["missing"] == []
    assert told["versions"]["newest_migration"].endswith(".sql")
    assert told["database"]["bytes"] > 1_000_000
    assert 0 < told["database"]["connections"] <= told["database"]["most_connections"]
    assert {"name", "bytes"} == set(told["database"]["largest"][0])
    assert told["master_keys"]["current"] in team.keyring.ids
    assert told["backups"] == {"backup": None, "restored": None, "drill": None}
    settings = (await auditor.call("GET", f"{SYSTEM}/settings")).json
    assert {one["source"] for one in settings} == {"default"}
    assert next(one for one in settings if one["name"] == "OMNA_SECRETS_MASTER_KEY")["value"] == ""

    wish = {"what": "Backup of Monday, into a laptop", "reason": "Monthly drill"}
    assert (await auditor.call("POST", f"{SYSTEM}/restore-drill", wish)).code == (403, "forbidden")
    noted = (await owner.call("POST", f"{SYSTEM}/restore-drill", wish)).json
    assert noted["drill"]["what"] == wish["what"]
    [row] = await team.query("SELECT action, reason FROM audit_log WHERE seq = $1", noted["audit_seq"])
    assert tuple(row) == ("backup.drill", "Monthly drill")


async def test_jobs_that_fail_or_are_late_stand_first(team: Team, pool: asyncpg.Pool) -> None:
    auditor = await team.hire("auditor")
    now = await pool.fetchval("SELECT now()")
    for name, status, next_run, touched in (
        ("fine", "queued", now + timedelta(minutes=1), now),
        ("late", "queued", now - timedelta(minutes=5), now),
        ("failing", "queued", now + timedelta(minutes=1), now),
        ("long", "picked", now - timedelta(minutes=5), now),
        ("gone", "queued", now - timedelta(days=30), now - timedelta(days=30)),
    ):
        await pool.execute(
            "INSERT INTO pgqueuer_schedules (expression, entrypoint, status, next_run, updated, heartbeat)"
            " VALUES ('* * * * *', $1, $2::text::pgqueuer_status, $3, $4, $4)",
            name, status, next_run, touched,
        )  # fmt: skip
    await runs.note_failure(pool, "failing", RuntimeError("no key sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"))
    await runs.note_failure(pool, "failing", RuntimeError("no key sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"))
    jobs = {job["name"]: job for job in (await auditor.call("GET", SYSTEM)).json["jobs"]}
    assert list(jobs) == ["failing", "late", "fine", "long"]
    assert (jobs["failing"]["failures"], jobs["failing"]["overdue"]) == (2, False)
    assert jobs["failing"]["error"].startswith("RuntimeError")
    assert "sk-proj" not in jobs["failing"]["error"]
    assert [name for name, job in jobs.items() if job["overdue"]] == ["late"]
    assert jobs["long"]["running"] is True
    await runs.note_success(pool, "failing")
    jobs = {job["name"]: job for job in (await auditor.call("GET", SYSTEM)).json["jobs"]}
    assert jobs["failing"]["failures"] == 0
    assert jobs["failing"]["failed_at"] is not None


async def test_a_job_that_failed_in_the_database_shows_no_row(team: Team, pool: asyncpg.Pool) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as failed:
        await pool.execute(
            "INSERT INTO mail_outbox (mail_id, kind, recipient, language, subject, text, html, expires_at)"
            " VALUES (gen_random_uuid(), 'x', 'ann@example.com', 'fr', 's', 'a-link-with-a-token', 'h', now())"
        )
    assert "a-link-with-a-token" in str(failed.value)
    await runs.note_failure(pool, "quoting", failed.value)
    kept = await pool.fetchval("SELECT error FROM job_failures WHERE name = 'quoting'")
    assert kept.startswith("CheckViolationError: new row for relation")
    assert "ann@example.com" not in kept
    assert "token" not in kept


async def test_a_mail_is_read_and_sent_again_by_owners_alone(team: Team) -> None:
    owner, auditor = await team.hire("owner"), await team.hire("auditor")
    async with transaction(team.pool) as connection:
        mail_id = await mail.enqueue(
            connection,
            Kind.RESET_PASSWORD,
            "ann@example.com",
            "en",
            {"name": "Ann", "token": secrets.token_urlsafe(32)},
        )
    assert mail_id is not None
    name = show("mail", mail_id)
    [row] = (await auditor.call("GET", f"{SYSTEM}/mails", params={"to": "Ann@Example.com"})).json["items"]
    assert (row["id"], row["recipient"], row["state"], row["again"]) == (name, "a•••@example.com", "queued", False)
    assert (await auditor.call("GET", f"{SYSTEM}/mails/{name}")).code == (403, "forbidden")
    assert (await owner.call("GET", f"{SYSTEM}/mails/{name}")).code == (403, "step_up_required")
    await owner.prove("mail.read", name)
    read = (await owner.call("GET", f"{SYSTEM}/mails/{name}")).json
    assert read["recipient"] == "ann@example.com"
    assert "http://localhost:5108/" in read["text"]
    assert await team.query("SELECT 1 FROM audit_log WHERE action = 'mail.read' AND subject = $1", name)

    body = {"reason": "The server was away"}
    assert (await owner.call("POST", f"{SYSTEM}/mails/{name}/resend", body)).code == (409, "conflict")
    async with transaction(team.pool) as connection:
        await mail.keep_all(connection)
    kept = (await owner.call("GET", f"{SYSTEM}/mails", params={"state": "kept"})).json["items"]
    assert [one["again"] for one in kept if one["id"] == name] == [True]
    again = (await owner.call("POST", f"{SYSTEM}/mails/{name}/resend", body)).json
    assert (again["state"], again["attempts"]) == ("queued", 0)
    [row] = await team.query("SELECT action, subject, reason FROM audit_log WHERE seq = $1", again["audit_seq"])
    assert tuple(row) == ("mail.resend", name, "The server was away")
    states = {one["state"]: one for one in (await auditor.call("GET", SYSTEM)).json["mail"]["states"]}
    assert states["queued"]["count"] == 1
    assert (await owner.call("GET", f"{SYSTEM}/mails/mail_nothing")).code == (404, "not_found")
    page = (await auditor.call("GET", f"{SYSTEM}/mails", params={"limit": "1"})).json
    assert len(page["items"]) == 1


async def test_mails_tell_auditors_no_address_and_nobody_reads_those_of_other_staff(team: Team) -> None:
    owner, auditor = await team.hire("owner"), await team.hire("auditor")
    finance = await team.hire("finance")
    ids = []
    async with transaction(team.pool) as connection:
        for to, user_id in (
            ("ann@example.com", None), (finance.email, None), ("new@example.com", finance.user_id), (owner.email, None),
        ):  # fmt: skip
            values = {"name": "Ann", "token": secrets.token_urlsafe(32)}
            mail_id = await mail.enqueue(connection, Kind.RESET_PASSWORD, to, "en", values, user_id=user_id)
            assert mail_id is not None
            ids.append(mail_id)
        await connection.execute(
            "UPDATE mail_outbox SET state = 'failed', subject = 'ann@example.com invites you',"
            " last_error = '550 5.1.1 <ann@example.com>: no such mailbox' WHERE mail_id = $1",
            ids[0],
        )
    [row] = (await auditor.call("GET", f"{SYSTEM}/mails", params={"state": "failed"})).json["items"]
    assert "ann@example.com" not in json.dumps(row)
    assert row["last_error"] == "550 5.1.1 <a•••@example.com>: no such mailbox"
    [row] = (await owner.call("GET", f"{SYSTEM}/mails", params={"state": "failed"})).json["items"]
    assert "<ann@example.com>" in row["last_error"]

    answers = []
    for mail_id in ids:
        name = show("mail", mail_id)
        await owner.prove("mail.read", name)
        answers.append((await owner.call("GET", f"{SYSTEM}/mails/{name}")).status)
    assert answers == [200, 403, 403, 200]


def test_settings_say_where_they_come_from(tmp_path: Path) -> None:
    (tmp_path / "omna.toml").write_text('[server]\nport = 7000\n[mail]\nsmtp_url = "smtp://u:p@localhost"\n')
    settings = load({"OMNA_SERVER_WORKERS": "2", "OMNA_SERVER_PORT": "7001"}, tmp_path)
    shown: dict[str, Any] = {one.name: (one.value, one.source) for one in resolved(settings)}
    assert shown["OMNA_SERVER_PORT"] == (7001, "environment")
    assert shown["OMNA_SERVER_WORKERS"] == (2, "environment")
    assert shown["OMNA_MAIL_SMTP_URL"] == ("set", "file")
    assert shown["OMNA_SERVER_HOST"] == ("127.0.0.1", "default")
    assert "smtp://" not in json.dumps(shown)
