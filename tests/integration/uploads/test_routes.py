"""Files that people hand in, through /api."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from omna.db.pool import transaction
from omna.errors import NotFound, UploadRefused
from omna.http.application import UPLOAD_LIMIT
from omna.ids import UploadId, parse, show
from omna.uploads import service
from omna.worker.uploads import sweep_uploads
from tests.harness.files import EVERY_KIND, pdf, png
from tests.harness.team import Browser, Team

OURS = {"sec-fetch-site": "same-origin", "x-omna-request": "1"}


@pytest.mark.parametrize("media_type", EVERY_KIND)
async def test_file_comes_back_as_it_was_and_as_nothing_a_browser_would_run(team: Team, media_type: str) -> None:
    data = EVERY_KIND[media_type]
    answer = await hand_in(team.member, data, "../Beleg ü\u202e.exe")
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert (row["type"], row["size"]) == (media_type, len(data))
    assert row["name"].startswith("Beleg ü.exe.")
    answer = await fetch(team.member, row["id"])
    assert answer.content == data
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{row["id"]}.')
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_file_is_for_who_sent_it_and_for_who_pays(team: Team) -> None:
    upload = (await hand_in(team.member, png())).json()["id"]
    expected = {team.member: 200, team.owner: 200, team.billing: 200, team.admin: 404, team.stranger: 404}
    assert {who: (await fetch(who, upload)).status_code for who in expected} == expected
    # Not in another workspace either, be it one's own.
    own = show("ws", team.owner.personal)
    answer = await team.http.get(f"/api/workspaces/{own}/uploads/{upload}", headers=team.owner.cookie)
    assert answer.status_code == 404
    for nonsense in ("upl_x", show("upl", team.workspace_id), "..%2f..%2fetc%2fpasswd"):
        assert (await fetch(team.owner, nonsense)).status_code == 404


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"<html><script>alert(1)</script>", "receipt.png", "receipt.png: this is no file of a type"),
        (pdf(b"<script >x</script>"), "receipt.pdf", "receipt.pdf: the PDF has a web page"),
        (png() + b"PK\x03\x04", "../../a.png", "a.png: something is hidden"),
        (b"", "empty.pdf", "empty.pdf: the file is empty"),
        (b"some text", "notes.txt", "notes.txt: this is no file of a type"),
    ],
)
async def test_refusal_says_which_file_what_and_what_is_allowed(team: Team, data: bytes, name: str, said: str) -> None:
    answer = await hand_in(team.member, data, name)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (415, "upload_refused")
    assert error["message"].startswith(said)
    assert "Allowed are PNG, JPEG, WebP and PDF, at most 10 MiB each." in error["message"]
    assert await team.query("SELECT 1 FROM uploads") == []


async def test_text_may_go_with_a_request_for_support_and_with_nothing_else(team: Team) -> None:
    answer = await hand_in(team.member, b"a log", "app.log", purpose="support")
    assert (answer.status_code, answer.json()["name"]) == (201, "app.log.txt")
    upload = UploadId(parse(answer.json()["id"], "upl"))
    async with transaction(team.pool) as connection:
        with pytest.raises(UploadRefused, match="plain text is not accepted here"):
            await service.claim(connection, upload, team.workspace_id)
        assert (await service.claim(connection, upload, team.workspace_id, text=True)).used_at is not None


async def test_too_large_a_file_is_refused_with_and_without_a_length(team: Team) -> None:
    answer = await hand_in(team.member, png() + bytes(10 << 20), "big.png")
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")
    assert "10 MiB" in answer.json()["error"]["message"]

    async def pieces() -> AsyncIterator[bytes]:
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="x.png"\r\n\r\n'
        for _ in range(UPLOAD_LIMIT // 65536 + 1):
            yield bytes(65536)

    answer = await send(team.member, content=pieces(), kind="multipart/form-data; boundary=x")
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        413,
        "The file is too large: at most 10 MiB are allowed.",
    )


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"x"),
        ("multipart/form-data; boundary=x", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\ncontent-disposition: form-data; name="file"\r\n\r\ntext\r\n--x--\r\n'),
        ("multipart/form-data; boundary=x", b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nnever ends'),
        ("multipart/form-data; boundary=x", b'--x\r\ncontent-disposition: form-data; name="file"; filename="\xff"\r\n\r\n\r\n--x--\r\n'),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken\r\n\r\n" * 50),
    ],
)  # fmt: skip
async def test_form_without_its_file_is_told_what_is_missing(team: Team, kind: str, body: bytes) -> None:
    answer = await send(team.member, content=body, kind=kind)
    assert answer.status_code in (400, 415), answer.text
    assert answer.json()["error"]["code"] in ("invalid_value", "upload_refused")


async def test_workspace_hands_in_so_much_a_day(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_A_DAY", 3)
    answers = await asyncio.gather(*(hand_in(team.member, png()) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 429, 429, 429]
    monkeypatch.setattr(service, "MOST_A_DAY", 200)
    monkeypatch.setattr(service, "MOST_BYTES_A_DAY", 4 * len(png()) - 1)
    assert (await hand_in(team.owner, png())).status_code == 429
    # The next workspace has its own day.
    answer = await hand_in(team.owner, png(), workspace=show("ws", team.owner.personal))
    assert answer.status_code == 201


async def test_what_nobody_used_is_forgotten_after_two_days(team: Team) -> None:
    used, unused, fresh = [
        UploadId(parse((await hand_in(team.member, png(), f"{name}.png")).json()["id"], "upl"))
        for name in ("used", "unused", "fresh")
    ]
    async with transaction(team.pool) as connection:
        await service.claim(connection, used, team.workspace_id, by=team.member.user_id)
        await service.claim(connection, used, team.workspace_id)
        with pytest.raises(NotFound):
            await service.claim(connection, unused, team.workspace_id, by=team.owner.user_id)
    async with transaction(team.pool) as connection:
        await connection.execute(
            "UPDATE uploads SET created_at = created_at - interval '49 hours',"
            " used_at = CASE WHEN upload_id = $1 THEN NULL ELSE used_at END WHERE upload_id <> $2",
            unused,
            fresh,
        )
    await sweep_uploads(team.pool)
    assert {row["upload_id"] for row in await team.query("SELECT upload_id FROM uploads")} == {used, fresh}


async def test_same_content_is_found_across_workspaces(team: Team) -> None:
    first = (await hand_in(team.member, png(9, 9), "a.png")).json()["id"]
    second = (await hand_in(team.stranger, png(9, 9), "b.png", workspace=show("ws", team.stranger.personal))).json()[
        "id"
    ]
    await hand_in(team.member, png(), "c.png")
    async with transaction(team.pool) as connection:
        upload = await service.find(connection, service.parse_id(first))
        same = await service.same_content(connection, upload.sha256)
    assert [show("upl", one.upload_id) for one in same] == [first, second]


async def hand_in(
    who: Browser, data: bytes, name: str = "proof.png", *, workspace: str | None = None, **fields: str
) -> httpx2.Response:
    address = f"/api/workspaces/{workspace or who.team.id}/uploads"
    files = {"file": (name, data, "text/html")}
    return await who.team.http.post(address, files=files, data=fields, headers=OURS | who.cookie, timeout=30)


async def send(who: Browser, *, content: Any, kind: str) -> httpx2.Response:
    headers = OURS | who.cookie | {"content-type": kind}
    return await who.team.http.post(f"/api/workspaces/{who.team.id}/uploads", content=content, headers=headers)


async def fetch(who: Browser, upload: str) -> httpx2.Response:
    return await who.team.http.get(f"/api/workspaces/{who.team.id}/uploads/{upload}", headers=who.cookie)
