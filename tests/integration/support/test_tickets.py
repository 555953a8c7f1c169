"""What customers ask, through /api: whose tickets are whose, and how they go to and fro."""

from typing import Any

import pytest

from omna.db.pool import transaction
from omna.ids import new_id, show
from omna.risk import service as risk
from omna.support import desk, service
from tests.harness.files import pdf, png
from tests.harness.team import Answer, Browser, Team
from tests.integration.uploads.test_routes import hand_in

ASKED = {"category": "api_error", "subject": "  It\nbroke ", "text": " See\r\nbelow. "}
MONEY = {
    "category": "billing",
    "subject": "Paid twice",
    "text": "Please look.",
    "account_email": "me@example.com",
    "payment_method": "bank transfer",
    "payment_reference": "OM-1234",
    "amount": "25.00 USD",
    "reason": "The same order was paid twice.",
}


async def test_request_is_kept_as_it_was_asked_and_confirmed_by_mail(team: Team) -> None:
    answer = await ask(team.member, **MONEY, browser="Firefox 140")
    assert answer.status == 201, answer.json
    ticket = answer.json
    assert {name: ticket[name] for name in MONEY if name not in ("text",)} == {
        name: value for name, value in MONEY.items() if name != "text"
    }
    assert (ticket["state"], ticket["unread"], ticket["yours"], ticket["browser"]) == (
        "open",
        False,
        True,
        "Firefox 140",
    )
    [message] = ticket["messages"]
    assert (message["by"], message["yours"], message["text"]) == ("customer", True, "Please look.")
    assert ticket["due_at"] > ticket["created_at"]
    [mail] = await team.query("SELECT recipient, subject, text FROM mail_outbox WHERE kind = 'ticket_received'")
    assert mail["recipient"] == team.member.email
    assert mail["subject"] == "We have your request: Paid twice"
    assert f"/app/w/{team.id}/support/{ticket['id']}" in mail["text"]
    [row] = await team.query("SELECT actor, subject, after::text FROM audit_log WHERE action = 'ticket.open'")
    assert (row["actor"], row["subject"]) == (team.member.id, ticket["id"])
    assert "Please look" not in row["after"]


async def test_fields_about_money_belong_to_money(team: Team) -> None:
    ticket = (await ask(team.member, **(MONEY | {"category": "other"}))).json
    assert [ticket[name] for name in ("account_email", "payment_reference", "amount")] == [None, None, None]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 151}, "subject"),
        ({"text": "\n "}, "text"),
        ({"text": "x" * 10_001}, "text"),
        ({"category": "weather"}, "category"),
        ({"amount": "x" * 201, "category": "billing"}, "amount"),
        ({"about": [{"kind": "order", "id": "req_" + "0" * 32}]}, "about"),
        ({"about": [{"kind": "person", "id": "usr_" + "0" * 32}]}, "about.0.kind"),
        ({"text": "nul\x00"}, "text"),
        ({"attachments": [f"upl_{n:032x}" for n in range(6)]}, "attachments"),
    ],
)
async def test_what_does_not_fit_is_told_with_its_field(team: Team, change: dict[str, Any], field: str) -> None:
    answer = await ask(team.member, **(ASKED | change))
    assert answer.code == (400, "invalid_value"), answer.json
    assert answer.json["error"]["field"] == field
    assert await team.query("SELECT 1 FROM tickets") == []


async def test_member_sees_their_own_and_who_pays_the_bills_sees_those_about_money(team: Team) -> None:
    plain = (await ask(team.member, **ASKED)).json["id"]
    money = (await ask(team.member, **MONEY)).json["id"]
    assert await seen(team.member) == [money, plain]
    assert await seen(team.owner) == [money]
    assert await seen(team.billing) == [money]
    assert await seen(team.admin) == []
    for who, ticket, expected in (
        (team.member, plain, 200),
        (team.owner, plain, 404),
        (team.owner, money, 200),
        (team.admin, money, 404),
        (team.stranger, money, 404),
    ):
        assert (await who.call("GET", f"/tickets/{ticket}")).status == expected
    # Through another workspace there is nothing, be one its owner.
    for path in ("", "/messages", "/solve", "/reopen", "/read"):
        method = "POST" if path else "GET"
        body = {"text": "x"} if path == "/messages" else {} if path else None
        own = f"/api/workspaces/{show('ws', team.member.personal)}/tickets/{money}{path}"
        assert (await team.member.call(method, own, body)).code == (404, "not_found")
        mine = f"/api/workspaces/{show('ws', team.stranger.personal)}/tickets/{money}{path}"
        assert (await team.stranger.call(method, mine, body)).code == (404, "not_found")


async def test_talk_goes_to_and_fro(team: Team) -> None:
    ticket = (await ask(team.member, **ASKED)).json["id"]
    support = await staff(team)
    await reply(team, support, ticket, "Which model?\n\n<b>Please</b> say.")
    assert (await summary(team.member)) == {"unread": 1, "waiting": 1, "answer_hours": 24}
    detail = (await team.member.call("GET", f"/tickets/{ticket}")).json
    assert (detail["state"], detail["due_at"]) == ("waiting", None)
    assert [message["by"] for message in detail["messages"]] == ["customer", "staff"]
    assert (await team.member.call("POST", f"/tickets/{ticket}/read", {})).status == 204
    assert (await summary(team.member))["unread"] == 0
    mail = (await team.query("SELECT text, html FROM mail_outbox WHERE kind = 'ticket_reply'"))[0]
    assert "> Which model?\n>\n> <b>Please</b> say." in mail["text"]
    assert "&lt;b&gt;Please&lt;/b&gt; say." in mail["html"]

    detail = (await team.member.call("POST", f"/tickets/{ticket}/messages", {"text": "The small one."})).json
    assert (detail["state"], len(detail["messages"])) == ("open", 3)
    detail = (await team.member.call("POST", f"/tickets/{ticket}/solve", {})).json
    assert (detail["state"], detail["due_at"]) == ("solved", None)
    assert (await team.member.call("POST", f"/tickets/{ticket}/solve", {})).code == (409, "conflict")
    assert (await team.member.call("POST", f"/tickets/{ticket}/reopen", {})).json["state"] == "open"
    assert (await team.member.call("POST", f"/tickets/{ticket}/reopen", {})).code == (409, "conflict")
    await team.member.call("POST", f"/tickets/{ticket}/solve", {})
    detail = (await team.member.call("POST", f"/tickets/{ticket}/messages", {"text": "Again."})).json
    assert detail["state"] == "open"
    acts = [
        row["action"]
        for row in await team.query("SELECT action FROM audit_log WHERE action LIKE 'ticket.%' ORDER BY seq")
    ]
    assert acts == [
        "ticket.open",
        "ticket.reply",
        "ticket.answer",
        "ticket.solve",
        "ticket.reopen",
        "ticket.solve",
        "ticket.answer",
    ]


async def test_owner_takes_part_in_a_talk_about_money_and_is_mailed_from_then_on(team: Team) -> None:
    ticket = (await ask(team.member, **MONEY)).json["id"]
    support = await staff(team)
    await reply(team, support, ticket, "First.")
    assert (await team.owner.call("POST", f"/tickets/{ticket}/messages", {"text": "I paid."})).status == 201
    await reply(team, support, ticket, "Second.")
    mails = await team.query("SELECT recipient FROM mail_outbox WHERE kind = 'ticket_reply' ORDER BY mail_id")
    assert sorted(row["recipient"] for row in mails) == sorted([team.member.email, team.member.email, team.owner.email])
    await team.query("DELETE FROM members WHERE user_id = $1", team.member.user_id)
    await reply(team, support, ticket, "Third.")
    [last] = await team.query("SELECT recipient FROM mail_outbox WHERE kind = 'ticket_reply' ORDER BY mail_id OFFSET 3")
    assert last["recipient"] == team.owner.email


async def test_address_that_is_not_proven_gets_no_mail(team: Team) -> None:
    await team.query("UPDATE users SET email_verified_at = NULL WHERE user_id = $1", team.member.user_id)
    assert (await ask(team.member, **ASKED)).status == 201
    assert await team.query("SELECT 1 FROM mail_outbox WHERE kind LIKE 'ticket%'") == []


async def test_files_come_with_a_message_and_are_for_its_readers(team: Team) -> None:
    picture = (await hand_in(team.member, png())).json()["id"]
    log = (await hand_in(team.member, b"a log", "app.txt", purpose="support")).json()["id"]
    foreign = (await hand_in(team.owner, pdf(), "secret.pdf")).json()["id"]
    assert (await ask(team.member, **MONEY, attachments=[foreign])).code == (404, "not_found")
    ticket = (await ask(team.member, **MONEY, attachments=[picture, picture, log])).json
    assert [one["name"] for one in ticket["messages"][0]["attachments"]] == ["proof.png", "app.txt"]
    address = f"/api/workspaces/{team.id}/tickets/{ticket['id']}/attachments/"
    for who, upload, expected in (
        (team.member, picture, 200),
        (team.billing, log, 200),
        (team.admin, picture, 404),
        (team.owner, foreign, 404),
    ):
        answer = await team.http.get(address + upload, headers=who.cookie)
        assert answer.status_code == expected
    answer = await team.http.get(address + log, headers=team.member.cookie)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    used = await team.query("SELECT used_at FROM uploads WHERE upload_id = $1", service.uploads.parse_id(picture))
    assert used[0]["used_at"] is not None


async def test_request_is_about_things_of_its_workspace_alone(team: Team) -> None:
    await team.recharge("5")
    [transfer] = await team.query("SELECT transfer_id FROM transfers WHERE workspace_id = $1", team.workspace_id)
    line = {"kind": "ledger", "id": show("tr", transfer["transfer_id"])}
    refused = {"kind": "request", "id": show("req", new_id())}
    ticket = (await ask(team.member, **ASKED, about=[line, line, refused])).json
    assert ticket["about"] == [line | {"known": True}, refused | {"known": False}]
    own = f"/api/workspaces/{show('ws', team.stranger.personal)}/tickets"
    answer = await team.stranger.call("POST", own, ASKED | {"about": [line]})
    assert answer.code == (404, "not_found")
    for kind, prefix in (("order", "rch"), ("refund", "rfd"), ("ledger", "tr"), ("key", "key")):
        answer = await ask(team.member, **ASKED, about=[{"kind": kind, "id": show(prefix, new_id())}])
        assert answer.code == (404, "not_found")


async def test_support_works_while_the_workspace_is_frozen_and_while_it_waits(team: Team) -> None:
    async with transaction(team.pool) as connection:
        await risk.freeze(connection, team.workspace_id, reason="review", actor=team.actor)
    ticket = (await ask(team.owner, **ASKED)).json["id"]
    assert (await team.owner.call("POST", f"/tickets/{ticket}/messages", {"text": "Why?"})).status == 201
    await team.query("UPDATE workspaces SET pending = 'verification' WHERE workspace_id = $1", team.member.personal)
    own = f"/api/workspaces/{show('ws', team.member.personal)}/tickets"
    assert (await team.member.call("POST", own, ASKED)).status == 201


async def test_nobody_buries_others_under_requests(team: Team) -> None:
    answers = [await ask(team.member, **ASKED) for _ in range(11)]
    assert [answer.status for answer in answers] == [201] * 10 + [429]
    assert "Write into one of those" in answers[-1].json["error"]["message"]
    assert (await ask(team.owner, **ASKED)).status == 201


async def test_list_is_paged_and_filtered(team: Team) -> None:
    tickets = [(await ask(team.member, **(ASKED | {"subject": f"No. {n}"}))).json["id"] for n in range(5)]
    await team.member.call("POST", f"/tickets/{tickets[2]}/solve", {})
    pages, cursor = [], None
    while True:
        query = "?limit=2" + (f"&cursor={cursor}" if cursor else "")
        page = (await team.member.call("GET", f"/tickets{query}")).json
        pages.append([row["id"] for row in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == [[tickets[2], tickets[4]], [tickets[3], tickets[1]], [tickets[0]]]
    assert [row["id"] for row in (await team.member.call("GET", "/tickets?state=solved")).json["items"]] == [tickets[2]]
    assert (await team.member.call("GET", "/tickets?cursor=WyJ4IiwieSJd")).code == (400, "invalid_value")


async def ask(who: Browser, **asked: Any) -> Answer:
    return await who.call("POST", "/tickets", asked)


async def seen(who: Browser) -> list[str]:
    return [row["id"] for row in (await who.call("GET", "/tickets")).json["items"]]


async def summary(who: Browser) -> Any:
    return (await who.call("GET", "/tickets/summary")).json


async def staff(team: Team) -> Browser:
    return await team.hire("support")


async def reply(team: Team, who: Browser, ticket: str, text: str) -> None:
    async with transaction(team.pool) as connection:
        await desk.answer(connection, service.parse_id(ticket), text, by=who.user_id, actor=team.actor)
