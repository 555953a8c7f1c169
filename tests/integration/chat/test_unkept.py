"""What is asked of a temporary chat or through the API is answered, paid for and kept nowhere (J18)."""

import pytest

from omna.gateway.in_process import chat_call
from omna.gateway.model import Caller
from omna.keys.model import digest
from tests.harness.talk import Talk
from tests.integration.chat.shelf import archived, everywhere

MARKER = "zyx-unkept"
WORDS = [{"role": "user", "content": f"Keep {MARKER} to yourself."}]


async def test_words_of_temporary_chats_and_api_calls_are_nowhere(talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    await talk.model("echo")  # so that the answers have the words too
    me = talk.owner
    address, headers = (
        f"/api/workspaces/{talk.id}",
        {"sec-fetch-site": "same-origin", "x-omna-request": "1", **me.cookie},
    )
    body = {"model": "echo", "messages": WORDS, "system_prompt": MARKER}
    told = await talk.http.post(f"{address}/chat/temporary", json=body, headers=headers)
    assert MARKER in told.text
    made = (await me.call("POST", "/keys", {"name": "ci", "spend_limit": "5", "spend_period": "total"})).json
    call = chat_call({"model": "echo", "messages": WORDS, "stream": True})
    caller = Caller("api", digest=digest(made["secret"]))
    ticket = await talk.gateway.admit(call, caller)
    said = [item async for item in talk.gateway.pipeline.run(ticket, caller)]
    assert MARKER in repr(said)
    await talk.books_are_right()

    assert [row["source"] for row in await talk.query("SELECT source FROM requests ORDER BY source")] == ["api", "chat"]
    assert await everywhere(talk, MARKER) == set()
    assert MARKER.encode() not in await archived(talk, me.user_id)
    requests = [row["id"] for row in (await me.call("GET", "/usage/requests")).json["items"]]
    assert len(requests) == 2
    for path in (
        "/chats", f"/chats?q={MARKER}", "/chats/export", "/chat/shares", "/overview", "/ledger/lines?group=none",
        "/usage/export", *(f"/usage/requests/{request}" for request in requests),
    ):  # fmt: skip
        shown = await talk.http.get(f"{address}{path}", headers=headers)
        assert (shown.status_code, MARKER in shown.text) == (200, False), path
    staff = await talk.hire("owner", "Olga")
    for query in (MARKER, requests[0]):
        found = await staff.call("POST", "/api/console/search", {"q": query})
        assert (found.status, MARKER in repr(found.json)) == (200, False), found.json
    for path in (f"users/{me.id}", f"workspaces/{talk.id}", "audit", "dashboard", "alerts"):
        shown = await talk.http.get(f"/api/console/{path}", headers=staff.cookie)
        assert (shown.status_code, MARKER in shown.text) == (200, False), path
    assert MARKER not in caplog.text
