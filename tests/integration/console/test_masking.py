"""Whoever does not decide about money sees no whole address of a customer, on no page of the console."""

import json
import re

from omna.db.pool import transaction
from omna.ids import show
from omna.membership import notices
from omna.risk import service as risk
from omna.risk.rules import cases
from tests.harness.team import Team

#: Those of customers; of staff everybody on the staff knows them.
WHOLE = re.compile(r"[a-z0-9]@example\.com")
SAID = "They wrote as ann@example.com"


async def test_no_whole_address_reaches_support_or_an_auditor(team: Team) -> None:
    owner, support, auditor = await team.hire("owner"), await team.hire("support"), await team.hire("auditor")
    ticket = {"category": "account", "subject": "Where is it?", "text": "Please."}
    assert (await team.billing.call("POST", "/tickets", ticket)).status == 201
    key = {"name": "of ann@example.com", "spend_limit": "1", "spend_period": "total"}
    assert (await team.member.call("POST", "/keys", key)).status == 201
    async with transaction(team.pool) as connection:
        # Whatever people can call themselves and their things, and whatever staff write about them.
        await connection.execute("UPDATE users SET name = email WHERE staff_role IS NULL")
        await connection.execute("UPDATE workspaces SET name = 'of ann@example.com'")
        case_id, _ = await cases.report(connection, team.workspace_id, SAID, by=owner.user_id, actor=team.actor)
        await cases.note(connection, case_id, SAID, by=owner.user_id, actor=team.actor)
        await risk.freeze(connection, team.workspace_id, reason=SAID, message=SAID, actor=team.actor)
        await notices.tell_freeze(connection, team.workspace_id)
        await risk.freeze_user(connection, team.member.user_id, reason=SAID, message=SAID, actor=team.actor)
        await cases.trust(connection, team.workspace_id, True, reason=SAID, by=owner.user_id, actor=team.actor)
    pages = (
        "dashboard", "users", f"users/{team.member.id}", f"users/{team.owner.id}", "workspaces", f"workspaces/{team.id}",
        "risk/cases", f"risk/cases/{show('cas', case_id)}", "alerts", "stops", "tickets", "recharges", "refunds",
        "disputes", "payments", "payment-events", "system/mails",
    )  # fmt: skip
    searches = ("ann@example", "owner@example.com", "of ann", team.id, team.owner.id)
    leaks = []
    for person in (support, auditor):
        answers = {page: await person.call("GET", f"/api/console/{page}") for page in pages}
        for q in searches:
            answers[f"search {q}"] = await person.call("POST", "/api/console/search", {"q": q})
        leaks += [page for page, answer in answers.items() if WHOLE.search(json.dumps(answer.json, ensure_ascii=False))]
        assert [answer.status for page, answer in answers.items() if page.startswith("search")] == [200] * len(searches)
    assert leaks == []
    # It is there for whoever decides about money.
    assert WHOLE.search(json.dumps((await owner.call("GET", f"/api/console/risk/cases/{show('cas', case_id)}")).json))
