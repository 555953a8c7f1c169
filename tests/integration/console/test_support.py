"""The queue of requests, as staff work on it."""

import asyncio
from typing import Any

import pytest

from tests.harness.team import Browser, Team
from tests.integration.support.test_tickets import ASKED, MONEY, ask

QUEUE = "/api/console/tickets"


@pytest.fixture
async def support(team: Team) -> Browser:
    return await team.hire("support")


@pytest.fixture
async def finance(team: Team) -> Browser:
    return await team.hire("finance")


async def test_queue_shows_what_is_due_first_and_finds_what_people_quote(
    team: Team, support: Browser, finance: Browser
) -> None:
    old, money, new = [(await ask(team.member, **one)).json["id"] for one in (ASKED, MONEY, ASKED)]
    await team.query("UPDATE tickets SET due_at = now() - interval '1 hour' WHERE subject = 'Paid twice'")
    assert await ids(support) == [money, old, new]
    rows = (await support.call("GET", QUEUE)).json["items"]
    assert [row["overdue"] for row in rows] == [True, False, False]
    assert all(row["unread"] for row in rows)
    assert rows[0]["workspace_name"] == "Acme"
    # Who handles money sees addresses; others a mask.
    assert rows[0]["person_email"] == "m•••@example.com"
    assert (await finance.call("GET", QUEUE)).json["items"][0]["person_email"] == "member@example.com"
    for q in ("OM-1234", "om-12", "me@example.com", "paid TWICE", money):
        assert await ids(support, q=q) == [money], q
    assert await ids(support, q="Acme") == [money, old, new]
    assert await ids(support, q=team.id) == [money, old, new]
    assert await ids(support, q="100%") == []
    assert (await support.call("GET", f"{QUEUE}?q=x")).code == (400, "invalid_value")
    page = (await support.call("GET", f"{QUEUE}?limit=2")).json
    assert [row["id"] for row in page["items"]] == [money, old]
    assert await ids(support, limit="2", cursor=page["next_cursor"]) == [new]
    assert (await support.call("GET", f"{QUEUE}/summary")).json == {"open": 3, "overdue": 1, "mine": 0, "unassigned": 3}


async def test_notes_are_for_staff_and_never_leave_the_console(team: Team, support: Browser) -> None:
    ticket = (await ask(team.member, **ASKED)).json["id"]
    secret = "This customer is a known one: zebra."
    answer = await support.call("POST", f"{QUEUE}/{ticket}/messages", {"text": secret, "internal": True})
    assert answer.status == 201
    detail = (await support.call("GET", f"{QUEUE}/{ticket}")).json
    assert [(one["internal"], one["by"]) for one in detail["messages"]] == [(False, "customer"), (True, "staff")]
    assert detail["state"] == "open"
    for path in ("", f"/{ticket}"):
        assert (
            "zebra"
            not in (await team.http.get(f"/api/workspaces/{team.id}/tickets{path}", headers=team.member.cookie)).text
        )
    for path in ("/messages", "/solve", "/reopen"):
        answer = await team.member.call(
            "POST", f"/tickets/{ticket}{path}", {"text": "x"} if path == "/messages" else {}
        )
        assert answer.status < 300
        assert "zebra" not in str(answer.json)
    assert (await team.member.call("GET", "/tickets/summary")).json["unread"] == 0
    assert await team.query("SELECT 1 FROM mail_outbox WHERE text LIKE '%zebra%'") == []
    assert await team.query("SELECT 1 FROM audit_log WHERE after::text LIKE '%zebra%' OR reason LIKE '%zebra%'") == []


async def test_of_two_who_take_a_request_one_gets_it(team: Team, support: Browser, finance: Browser) -> None:
    ticket = (await ask(team.member, **ASKED)).json["id"]
    take = {"assignee": "me", "expected": None, "reason": "taken"}
    answers = await asyncio.gather(*(who.call("POST", f"{QUEUE}/{ticket}/assign", take) for who in (support, finance)))
    assert sorted(answer.status for answer in answers) == [200, 409]
    winner, loser = (support, finance) if answers[0].status == 200 else (finance, support)
    lost = next(answer for answer in answers if answer.status == 409)
    assert winner.email.partition("@")[0].capitalize() in lost.json["error"]["message"]
    assert await ids(winner, assigned="me") == [ticket]
    assert await ids(loser, assigned="me") == []
    assert await ids(loser, assigned="nobody") == []
    give = {"assignee": loser.id, "expected": winner.id, "reason": "your field"}
    assert (await winner.call("POST", f"{QUEUE}/{ticket}/assign", give)).status == 200
    assert await ids(winner, assigned=loser.id) == [ticket]
    back = {"assignee": None, "expected": loser.id, "reason": "on leave"}
    seq = (await loser.call("POST", f"{QUEUE}/{ticket}/assign", back)).json["audit_seq"]
    [row] = await team.query("SELECT action, reason, actor FROM audit_log WHERE seq = $1", seq)
    assert tuple(row) == ("ticket.assign", "on leave", loser.id)
    customer = {"assignee": team.owner.id, "expected": None, "reason": "why not"}
    assert (await loser.call("POST", f"{QUEUE}/{ticket}/assign", customer)).code == (400, "invalid_value")


async def test_staff_solve_and_reopen_with_a_reason_and_the_customer_is_told(team: Team, support: Browser) -> None:
    ticket = (await ask(team.member, **ASKED)).json["id"]
    assert (await support.call("POST", f"{QUEUE}/{ticket}/solve", {"reason": " "})).code == (400, "invalid_value")
    answers = await asyncio.gather(
        *(support.call("POST", f"{QUEUE}/{ticket}/solve", {"reason": "answered"}) for _ in range(3))
    )
    assert sorted(answer.status for answer in answers) == [200, 409, 409]
    [mail] = await team.query("SELECT recipient, subject FROM mail_outbox WHERE kind = 'ticket_solved'")
    assert tuple(mail) == (team.member.email, "Solved: It broke")
    assert await ids(support) == []
    assert await ids(support, state="solved") == [ticket]
    assert (await support.call("POST", f"{QUEUE}/{ticket}/reopen", {"reason": "too early"})).status == 200
    assert await ids(support) == [ticket]


async def test_reading_is_on_record_and_ends_unread(team: Team, support: Browser) -> None:
    ticket = (await ask(team.member, **ASKED)).json["id"]
    assert (await support.call("GET", f"{QUEUE}/{ticket}")).json["unread"] is True
    assert (await support.call("GET", QUEUE)).json["items"][0]["unread"] is False
    await team.member.call("POST", f"/tickets/{ticket}/messages", {"text": "More."})
    assert (await support.call("GET", QUEUE)).json["items"][0]["unread"] is True
    rows = await team.query("SELECT actor, subject FROM audit_log WHERE action = 'ticket.read'")
    assert [tuple(row) for row in rows] == [(support.id, ticket)]


async def test_reply_and_answer_at_once_leave_a_state_that_somebody_owes(team: Team, support: Browser) -> None:
    ticket = (await ask(team.member, **ASKED)).json["id"]
    await asyncio.gather(
        support.call("POST", f"{QUEUE}/{ticket}/messages", {"text": "Here."}),
        team.member.call("POST", f"/tickets/{ticket}/messages", {"text": "And?"}),
        support.call("POST", f"{QUEUE}/{ticket}/solve", {"reason": "done"}),
    )
    detail = (await support.call("GET", f"{QUEUE}/{ticket}")).json
    assert len(detail["messages"]) == 3
    assert (detail["state"] == "open") == (detail["due_at"] is not None)


async def test_canned_replies_and_names_of_staff_are_there(team: Team, support: Browser, finance: Browser) -> None:
    replies = (await support.call("GET", f"{QUEUE}/canned")).json
    assert {one["language"] for one in replies} == {"en", "zh"}
    people = (await support.call("GET", f"{QUEUE}/staff")).json
    assert {one["id"] for one in people} == {support.id, finance.id}


async def ids(who: Browser, **query: str) -> list[Any]:
    asked = "&".join(f"{name}={value.replace('%', '%25')}" for name, value in query.items())
    answer = await who.call("GET", f"{QUEUE}?{asked}")
    return [row["id"] for row in answer.json["items"]]
