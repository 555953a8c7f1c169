"""Hostile names, subjects and words in what leaves Omna: mails, spreadsheets, documents and downloads (J28)."""

import csv
import io
import random
import re
import zipfile
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.headerregistry import Address
from typing import Any
from urllib.parse import unquote

import asyncpg
import pytest

from omna.chat.moving import archiving
from omna.clock import now
from omna.ids import parse
from omna.mail.rendering import Site
from omna.mail.smtp import message_of
from omna.mail.store import Mail
from omna.membership import export
from omna.payments.billing.receipt_file import chinese_font
from tests.harness.files import png
from tests.harness.hostile import FILE_NAMES, NAMES, REFUSED_NAMES, TEXTS, active
from tests.harness.papers import text_of
from tests.harness.team import Answer, Browser, Team
from tests.integration.chat.shelf import put_chat
from tests.integration.payments.billing.test_routes import order, receipt
from tests.integration.uploads.test_routes import fetch, hand_in
from tests.integration.usage import conftest as usage

KEY = {"spend_limit": "5", "spend_period": "day"}
TICKET = {"category": "other", "text": "See below."}
#: A header of a download: in plain characters, then in UTF-8 (RFC 8187).
_ATTACHED = re.compile(
    r"attachment; filename=\"([^\"\\\\\x00-\x1f\x7f-\uffff]+)\"(?:; filename\*=UTF-8''([\w.~%!$&+^`|-]+))?"
)
SITE = Site("https://omna.example", NAMES[0], "help@omna.example")


@pytest.fixture
async def superuser(database_url: str) -> Any:
    """Somebody who may write what only requests write."""
    opened = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    yield opened
    opened.terminate()


async def naming(who: Browser) -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
    """Return every act that names something: method and path, then the field of the name and the rest of the body."""
    chat = await put_chat(who, "Chat", "question", "answer")
    return {
        ("PATCH", "/api/account"): ("name", {}),
        ("POST", "/api/workspaces"): ("name", {}),
        ("PATCH", f"/api/workspaces/{who.team.id}"): ("name", {}),
        ("POST", "/keys"): ("name", KEY),
        ("POST", "/management-keys"): ("name", {"role": "admin"}),
        ("POST", "/chat/folders"): ("name", {}),
        ("POST", "/chat/prompts"): ("name", {"text": "Do it."}),
        ("POST", "/chat/presets"): ("name", {"model": "swift"}),
        ("PATCH", f"/chats/{chat}"): ("title", {}),
        ("POST", "/tickets"): ("subject", TICKET),
    }


async def name(who: Browser, act: tuple[str, str], field: str, body: dict[str, Any], text: str) -> Answer:
    if act[1] == "/management-keys":
        await who.prove("management_key.create")
    return await who.call(*act, body | {field: text})


async def test_names_are_kept_as_they_are_or_refused_in_words(team: Team) -> None:
    for act, (field, body) in (await naming(team.owner)).items():
        for text in NAMES[:2]:
            answer = await name(team.owner, act, field, body, text)
            assert answer.status in (200, 201), (act, answer.json)
            said = answer.json.get(field) or answer.json["key"][field]
            assert said == text, act
        for text in REFUSED_NAMES:
            answer = await name(team.owner, act, field, body, text)
            assert answer.code == (400, "invalid_value"), (act, text, answer.json)
            assert answer.json["error"]["field"] == field, act


async def test_files_come_back_under_names_that_end_no_header_and_leave_no_folder(team: Team) -> None:
    for stated in FILE_NAMES:
        answer = await hand_in(team.member, png(), stated)
        assert answer.status_code == 201, answer.text
        kept = answer.json()["name"]
        assert kept.isprintable(), kept
        assert not re.search(r'[<>:"/\\|?*%]|^\.', kept), kept
        assert kept.endswith(".png")
        assert len(kept) <= 120
        sent = await fetch(team.member, answer.json()["id"])
        assert "set-cookie" not in sent.headers
        assert attached(sent.headers["content-disposition"]) == kept


def attached(header: str) -> str:
    """Return the name that a browser saves a download under."""
    read = _ATTACHED.fullmatch(header)
    assert read is not None, header
    saved = unquote(read[2]) if read[2] else read[1]
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]|^\.', saved), header
    return saved


async def test_chats_leave_under_fit_names_and_come_back_equal(team: Team) -> None:
    me = team.member
    base = f"/api/workspaces/{team.id}/chats"
    for title in NAMES:
        chat = await put_chat(me, title, "question", "answer")
        for kind, ending in (("markdown", "md"), ("json", "json")):
            answer = await team.http.get(f"{base}/{chat}/export?format={kind}", headers=me.cookie)
            saved = attached(answer.headers["content-disposition"])
            assert saved.endswith(f".{ending}")
            assert answer.headers["content-type"].startswith(
                "text/markdown" if kind == "markdown" else "application/json"
            )
            assert answer.headers["x-content-type-options"] == "nosniff"
    words = await put_chat(me, "Words", *TEXTS)
    packed = await team.http.get(f"{base}/export?format=markdown", headers=me.cookie)
    names = zipfile.ZipFile(io.BytesIO(packed.content)).namelist()
    assert len(names) == len(set(names)) == len(NAMES) + 1
    assert not [one for one in names if re.search(r'[<>:"/\\|?*\x00-\x1f]|^\.', one)]
    before = await team.http.get(f"{base}/{words}/export", headers=me.cookie)
    assert [one["content"] for one in before.json()["chats"][0]["messages"]] == TEXTS


async def test_no_cell_of_a_spreadsheet_is_a_formula(team: Team, superuser: asyncpg.Connection) -> None:
    me = team.owner
    key_ids = []
    for text in NAMES:
        made = (await me.call("POST", "/keys", KEY | {"name": text})).json
        key_ids.append(parse(made["key"]["id"], "key"))
    assert (await me.call("PATCH", "/api/account", {"name": NAMES[6]})).status == 200
    assert (await me.call("PATCH", f"/api/workspaces/{team.id}", {"name": NAMES[4]})).status == 200
    for text in NAMES[4:8]:
        assert (await me.call("POST", "/tickets", TICKET | {"subject": text, "text": text})).status == 201
        await put_chat(me, text, text, text)
    await team.recharge("25", promo="5")
    [provider] = await superuser.fetch(
        "INSERT INTO providers (provider_id, name, kind, base_url)"
        " VALUES (gen_random_uuid(), 'acme', 'openai', 'https://x.example') RETURNING provider_id"
    )
    asked = usage.Tenant(team.workspace_id, me.user_id, team.member.user_id, key_ids, [], provider["provider_id"])
    moments = [datetime.now(UTC) - timedelta(minutes=minute) for minute in range(1, 60)]
    await usage.put_requests(superuser, asked, moments, random.Random(28))
    auditor = await team.hire("auditor")
    await auditor.prove("audit.export")
    taken = (await auditor.call("POST", "/api/console/audit/export", {"reason": "=1+1"})).json["audit_seq"]
    month = f"{now():%Y-%m}"
    files = {
        path: (await team.http.get(f"/api/workspaces/{team.id}{path}", headers=me.cookie)).text
        for path in ("/usage/export", "/ledger/export", f"/ledger/statements/{month}?format=csv")
    }
    files["audit"] = (await team.http.get(f"/api/console/audit/export/{taken}", headers=auditor.cookie)).text
    packed = b"".join([piece async for piece in export.download(team.pool, me.user_id, archiving.files)])
    archive = zipfile.ZipFile(io.BytesIO(packed))
    files |= {file: archive.read(file).decode() for file in archive.namelist() if file.endswith(".csv")}
    assert {"keys.csv", "tickets.csv", "ticket-messages.csv", "audit.csv", f"usage/{team.id}.csv"} <= set(files)
    for file, text in files.items():
        cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
        assert len(cells) >= 8, file
        assert [
            one for one in cells if one[:1] in tuple("=+-@\t\r") and not re.fullmatch(r"-?\d+(\.\d+)?", one)
        ] == [], file
    # They are there, each behind an apostrophe.
    assert "'=1+1" in files["/usage/export"]
    assert "'=gamma" in files["/usage/export"]
    assert "'=1+1" in files[f"/ledger/statements/{month}?format=csv"]


CHINESE = pytest.mark.skipif(chinese_font() is None, reason="no Chinese font here")


@pytest.mark.parametrize(
    "text",
    [*NAMES[:3], "#[x] = $a$ *b* _c_ @d <e> \\ `f` // /*", pytest.param("名" * 80, marks=CHINESE, id="Chinese")],
)
async def test_documents_are_made_of_whatever_something_is_called(team: Team, text: str) -> None:
    await team.recharge("25")
    assert (await team.owner.call("PATCH", f"/api/workspaces/{team.id}", {"name": text})).status == 200
    wish = {"name": text, "address": f"{text[:60]}\n{text[:60]}", "tax_id": "=1+1", "email": "a@example.com"}
    assert (await team.billing.call("PUT", "/billing-details", wish)).status == 200
    paid = await receipt(team.billing, await order(team, billing=wish))
    month = await team.http.get(
        f"/api/workspaces/{team.id}/ledger/statements/{now():%Y-%m}?format=pdf", headers=team.owner.cookie
    )
    for document in (paid, month):
        assert document.status_code == 200, document.text
        assert attached(document.headers["content-disposition"]).startswith("omna-")
        # Lines are broken where they end, so blanks do not count.
        assert squeezed(text) in squeezed(text_of(document.content)), text


def squeezed(text: str) -> str:
    return "".join(text.split())


async def test_mails_say_hostile_names_and_do_nothing(team: Team) -> None:
    staff = await team.hire("support")
    for number, text in enumerate(NAMES[:6]):
        await team.query("UPDATE workspaces SET name = $1 WHERE workspace_id = $2", text, team.workspace_id)
        await team.query(
            "UPDATE users SET name = $1 WHERE user_id IN ($2, $3)", text, team.owner.user_id, staff.user_id
        )
        ticket = (await team.owner.call("POST", "/tickets", TICKET | {"subject": text, "text": text})).json["id"]
        reply = await staff.call("POST", f"/api/console/tickets/{ticket}/messages", {"text": f"{text}\n\n{TEXTS[0]}"})
        assert reply.status in (200, 201), reply.json
        invited = {"email": f"guest{number}@example.com", "role": "member"}
        assert (await team.owner.call("POST", "/invitations", invited)).status == 201
        assert (await team.owner.call("POST", "/keys", KEY | {"name": text})).status == 201
    mails = await team.query("SELECT * FROM mail_outbox")
    assert {"ticket_received", "ticket_reply", "invitation"} <= {mail["kind"] for mail in mails}
    for mail in mails:
        sent = message_of(
            Mail(*(mail[field.name] for field in fields(Mail))), Address("Omna", "omna", "omna.example"), SITE
        )
        read = message_from_bytes(bytes(sent), policy=policy.SMTP)
        assert set(read) == {
            "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version",
            "Content-Type",
        }, mail["kind"]  # fmt: skip
        page = read.get_body(("html",)).get_content()
        assert list(active(page)) == [], mail["kind"]
        assert page.count("<a ") == 1
        assert "hit=1>" not in page
