"""Staff look at what customers handed in, and it is on record."""

from omna.db.pool import transaction
from tests.harness.files import png
from tests.harness.staff import employ, open_console
from tests.harness.team import Team
from tests.integration.uploads.test_routes import hand_in


async def test_reading_a_file_is_on_record_and_the_file_cannot_run(team: Team) -> None:
    upload = (await hand_in(team.member, png())).json()["id"]
    support = await team.person("support@example.com")
    async with transaction(team.pool) as connection:
        await employ(connection, team.keyring, support.user_id, "support")
        await open_console(connection, support.session)
    answer = await team.http.get(f"/api/console/uploads/{upload}", headers=support.cookie)
    assert (answer.status_code, answer.content) == (200, png())
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    [row] = await team.query("SELECT actor, subject, after FROM audit_log WHERE action = 'upload.read'")
    assert (row["actor"], row["subject"], row["after"]) == (support.id, upload, {"workspace": team.id})
    answer = await team.http.get(f"/api/console/uploads/{upload}", headers=team.owner.cookie)
    assert answer.status_code == 404
