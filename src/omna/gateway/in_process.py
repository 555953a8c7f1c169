"""The gateway without HTTP, for a caller inside Omna: the chat.

    call = chat_call({"model": …, "messages": […], "stream": True})
    caller = Caller("chat", workspace_id=…, user_id=…)
    ticket = await gateway.admit(call, caller)              # raises the refusal; nothing is charged then
    async with aclosing(gateway.pipeline.run(ticket, caller)) as run:
        async for item in run:                              # Chunk …, and last (Bill, Receipt), when it is paid for
            …

`admit` must be followed by `run` (or `answer`) at once, with no await between them: `run` is what settles. To stop an
answer, leave its block: what was delivered is charged. What ends it from outside (a freeze, a removal, an emergency
stop, a shutdown) is raised out of the loop, or cancels the task while it waits elsewhere: then `ticket.aborted` is why.
`gateway.rehearse(call, caller)` returns the ticket that `admit` would give now and takes nothing: `ticket.amount` is
what would be held. The rate of free requests is not asked here. Bodies are the chat's own; the chat bounds them.
"""

from typing import Any

from omna.clock import monotonic
from omna.gateway.model import Call
from omna.gateway.wire.chat.request import parse_chat
from omna.ids import RequestId, new_id


def chat_call(body: dict[str, Any], request_id: RequestId | None = None) -> Call:
    """Return the call of a body of POST /v1/chat/completions; its id is made unless the caller brings one.

    Errors  MissingRequiredParameter, InvalidValue, UnsupportedParameter, each naming the field
    """
    return parse_chat(body, request_id or RequestId(new_id()), monotonic())
