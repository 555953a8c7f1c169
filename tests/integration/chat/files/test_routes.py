"""Files for messages, through /api."""

import time
from typing import Any

import httpx2
import pytest

from omna.chat.files import reading, service
from omna.chat.files.model import MOST_CHARACTERS
from omna.db.pool import transaction
from omna.errors import NotFound
from omna.ids import ChatId, MessageId, UploadId, new_id, parse, show
from omna.uploads import service as uploads
from omna.worker.uploads import sweep_uploads
from tests.harness.documents import bomb, built, document, drawn
from tests.harness.files import jpeg, pdf, pdf_stream, png, webp
from tests.harness.team import Browser, Team

OURS = {"sec-fetch-site": "same-origin", "x-omna-request": "1"}


async def test_every_kind_says_what_it_is_and_comes_back_safely(team: Team) -> None:
    cases: list[tuple[bytes, str, dict[str, Any], str]] = [
        (png(30, 20), "a.png", {"kind": "image", "media_type": "image/png", "width": 30, "height": 20}, "a.png"),
        (jpeg(300, 20), "a.jpeg", {"kind": "image", "media_type": "image/jpeg", "width": 300, "height": 20}, "a.jpg"),
        (webp(31, 21), "a.png", {"kind": "image", "media_type": "image/webp", "width": 31, "height": 21}, "a.webp"),
        (b"\xef\xbb\xbfa,b\r\n1,2", "a.csv", {"kind": "text", "media_type": "text/plain", "pages": None}, "a.csv"),
        ("def f():\n\treturn '你'".encode(), "../../f.py", {"kind": "text", "width": None}, "f.py.txt"),
        (b"<script>alert(1)</script>", "x.html", {"kind": "text", "media_type": "text/plain"}, "x.html.txt"),
        (
            document("Hello Omna", "Page two"),
            "a.pdf",
            {"kind": "pdf", "media_type": "application/pdf", "pages": 2},
            "a.pdf",
        ),
    ]
    for data, name, expected, saved in cases:
        answer = await hand_in(team.member, data, name)
        assert answer.status_code == 201, answer.text
        row = answer.json()
        assert {key: row[key] for key in expected} == expected
        assert row["size"] == len(data)
        assert 0 < row["tokens"] <= 2000
        got = await fetch(team.member, row["id"])
        assert (got.status_code, got.content) == (200, data)
        assert got.headers["content-disposition"].endswith(f"filename*=UTF-8''{saved}")
        assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert got.headers["x-content-type-options"] == "nosniff"
        assert "html" not in got.headers["content-type"]


async def test_what_cannot_be_read_is_refused_in_words_and_nothing_is_kept(team: Team) -> None:
    many = built([drawn(b"")] * 501)
    cases = [
        (b"MZ\x90\x00\x03", "tool.exe", 415, "tool.exe: this is no file of a type"),
        (b"", "a.txt", 415, "a.txt: the file is empty"),
        (b"caf\xe9", "a.txt", 415, "a.txt: this is no file of a type"),
        (png() + b"PK", "../../x.png", 415, "x.png: something is hidden"),
        (png()[:-9], "x.png", 415, "x.png: the file is cut off"),
        (b"x" * (MOST_CHARACTERS + 1), "a.txt", 413, "a.txt: the text is longer than 400,000"),
        (png() + bytes(10 << 20), "big.png", 413, "10 MiB"),
        (pdf(b"<script >x</script>"), "a.pdf", 415, "a.pdf: the PDF has a web page"),
        (pdf(b"<</S/JavaScript/JS(x)>>"), "a.pdf", 415, "a.pdf: the PDF has a script"),
        (pdf(b"<</Encrypt 9 0 R>>"), "a.pdf", 415, "a.pdf: the PDF is locked"),
        (document("x")[:-40], "a.pdf", 415, "a.pdf: the PDF is cut off"),
        (pdf(), "scan.pdf", 415, "scan.pdf: the PDF has no text, only pictures"),
        (document("x").replace(b"/Count 1/Kids[4 0 R]", b"/Count 1/Kids 9999999"), "a.pdf", 415, "a.pdf: the PDF is damaged"),
        (many, "long.pdf", 415, "long.pdf: the PDF has more than 500 pages"),
        (document("x" * (MOST_CHARACTERS // 2), "y" * (MOST_CHARACTERS // 2), "z"), "a.pdf", 415, "a.pdf: the PDF has more than 400,000"),
        (pdf(pdf_stream(b"x" * (70 << 20), b"/Type/ObjStm/N 1/First 1/Filter/FlateDecode")), "a.pdf", 415, "a.pdf: the PDF is packed"),
    ]  # fmt: skip
    for data, name, status, said in cases:
        answer = await hand_in(team.member, data, name)
        assert answer.status_code == status, (name, said, answer.text)
        assert said in answer.json()["error"]["message"]
    assert await team.query("SELECT 1 FROM uploads") == []
    assert await team.query("SELECT 1 FROM chat_files") == []


async def test_document_that_never_ends_takes_nothing_down(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    heavy = "bomb.pdf: the PDF takes too much work"
    # The parser's own bound, the processor's, and the memory's.
    for name, limit, megabytes in (("_SECONDS", 15, 80), ("_SECONDS", 1, 30), ("_MOST_BYTES", 110 << 20, 30)):
        data = bomb(megabytes)
        assert len(data) < 400_000
        with monkeypatch.context() as patch:
            patch.setattr(reading, name, limit)
            began = time.monotonic()
            answer = await hand_in(team.member, data, "bomb.pdf")
        assert time.monotonic() - began < 20
        assert (answer.status_code, answer.json()["error"]["code"]) == (415, "upload_refused")
        assert answer.json()["error"]["message"].startswith(heavy), (name, answer.text)
    assert (await hand_in(team.member, b"still here", "a.txt")).status_code == 201


async def test_file_is_for_its_author_and_for_no_payer_and_no_staff(team: Team) -> None:
    upload = (await hand_in(team.member, png())).json()["id"]
    expected = {team.member: 200, team.owner: 404, team.admin: 404, team.billing: 403, team.stranger: 404}
    assert {who: (await fetch(who, upload)).status_code for who in expected} == expected
    for who in (team.member, team.owner, team.billing):
        assert (await who.call("GET", f"/uploads/{upload}")).status == 404
    staff = await team.hire("owner")
    assert (await staff.call("GET", f"/api/console/uploads/{upload}")).status == 404
    # Nobody lends it to something else, where others would read it.
    asked = {"category": "other", "subject": "one", "text": "one", "attachments": [upload]}
    assert (await team.member.call("POST", "/tickets", asked)).status == 404
    for nonsense in ("upl_x", show("upl", team.workspace_id), "..%2f..%2fetc%2fpasswd"):
        assert (await fetch(team.member, nonsense)).status_code == 404


async def test_temporary_chat_is_told_what_a_file_says_and_nothing_is_kept(team: Team) -> None:
    answer = await hand_in(team.member, document("Hello Omna"), "../a.pdf", path="/read")
    assert answer.status_code == 200, answer.text
    assert {"name": "a.pdf", "kind": "pdf", "text": "Hello Omna", "pages": 1}.items() <= answer.json().items()
    answer = await hand_in(team.member, png(), "a.png", path="/read")
    assert {"kind": "image", "text": "", "width": 8}.items() <= answer.json().items()
    assert await team.query("SELECT 1 FROM uploads") == []


async def test_files_are_said_to_a_model_and_go_with_their_chat(team: Team) -> None:
    picture = upload_id(await hand_in(team.member, png(), "a.png"))
    text = upload_id(await hand_in(team.member, b"one\r\ntwo", "notes.md"))
    paper = upload_id(await hand_in(team.member, document("Hello"), "a.pdf"))
    mine, message = await chat(team, team.member)
    other, copied = await chat(team, team.member)
    ws, me = team.workspace_id, team.member.user_id
    async with transaction(team.pool) as connection:
        for who in (team.owner, team.admin):
            with pytest.raises(NotFound):
                await service.readable(connection, ws, who.user_id, [text])
        files = await service.attach(connection, ws, me, mine, message, [text, picture, paper])
        assert [file.name for file in files] == ["notes.md", "a.png", "a.pdf"]
        await service.attach(connection, ws, me, other, copied, [text])
        parts = await service.parts(connection, ws, [text, picture, paper])
        assert list((await service.of_chat(connection, ws, mine))[message]) == list(files)
    assert parts[text] == {"type": "text", "text": "notes.md:\none\ntwo"}
    assert parts[paper] == {"type": "text", "text": "a.pdf:\nHello"}
    assert parts[picture]["type"] == "image_url"
    assert parts[picture]["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    # What stands in a message is not discarded; who reads the chat reads its files.
    assert (await team.member.call("DELETE", f"/chat/files/{show('upl', text)}")).status == 404
    assert (await fetch(team.owner, show("upl", text))).status_code == 404
    await team.query("UPDATE chats SET shared_at = now() WHERE chat_id = $1", mine)
    assert (await fetch(team.owner, show("upl", text))).status_code == 200
    async with transaction(team.pool) as connection:
        await service.forget_chats(connection, ws, [mine])
        await connection.execute("DELETE FROM chats WHERE chat_id = $1", mine)
    assert [row["upload_id"] for row in await team.query("SELECT upload_id FROM uploads")] == [text]
    assert [row["upload_id"] for row in await team.query("SELECT upload_id FROM chat_files")] == [text]


async def test_what_nobody_sent_goes_at_once_or_after_two_days(team: Team) -> None:
    discarded, old, kept, gone = [upload_id(await hand_in(team.member, png(), f"{n}.png")) for n in range(4)]
    assert (await team.owner.call("DELETE", f"/chat/files/{show('upl', discarded)}")).status == 404
    assert (await team.member.call("DELETE", f"/chat/files/{show('upl', discarded)}")).status == 204
    mine, message = await chat(team, team.member)
    async with transaction(team.pool) as connection:
        await service.attach(connection, team.workspace_id, team.member.user_id, mine, message, [kept])
    await team.query("UPDATE chat_files SET created_at = now() - interval '49 hours' WHERE upload_id <> $1", gone)
    await team.query("UPDATE uploads SET created_at = now() - interval '49 hours' WHERE upload_id <> $1", gone)
    await sweep_uploads(team.pool)
    left = {
        row["upload_id"] for row in await team.query("SELECT upload_id FROM uploads JOIN chat_files USING (upload_id)")
    }
    assert left == {kept, gone}
    async with transaction(team.pool) as connection:
        await service.forget_person(connection, team.member.user_id)
        with pytest.raises(NotFound):
            await uploads.get(connection, team.workspace_id, gone)
    assert old not in left


async def chat(team: Team, who: Browser) -> tuple[ChatId, MessageId]:
    chat_id, message_id = ChatId(new_id()), MessageId(new_id())
    await team.query(
        "INSERT INTO chats (workspace_id, chat_id, user_id) VALUES ($1, $2, $3)",
        team.workspace_id,
        chat_id,
        who.user_id,
    )
    await team.query(
        "INSERT INTO chat_messages (workspace_id, chat_id, message_id, role) VALUES ($1, $2, $3, 'user')",
        team.workspace_id,
        chat_id,
        message_id,
    )
    return chat_id, message_id


async def hand_in(who: Browser, data: bytes, name: str = "proof.png", *, path: str = "") -> httpx2.Response:
    address = f"/api/workspaces/{who.team.id}/chat/files{path}"
    return await who.team.http.post(
        address, files={"file": (name, data, "text/html")}, headers=OURS | who.cookie, timeout=60
    )


def upload_id(answer: httpx2.Response) -> UploadId:
    assert answer.status_code == 201, answer.text
    return UploadId(parse(answer.json()["id"], "upl"))


async def fetch(who: Browser, upload: str) -> httpx2.Response:
    return await who.team.http.get(f"/api/workspaces/{who.team.id}/chat/files/{upload}", headers=who.cookie)
