"""/api/workspaces/{ws}/chat: what a message would cost, and chats that are not kept."""

from typing import Any

from starlette.responses import Response

from omna.chat.conversations import service
from omna.chat.conversations.access import Author, Sender
from omna.chat.conversations.schemas import AnswerError
from omna.chat.files import service as files
from omna.chat.files.reading import pictures
from omna.chat.runs import estimating, temporary
from omna.chat.runs.access import Running
from omna.chat.runs.ending import error_of
from omna.chat.runs.reading import counted, follow_run
from omna.chat.runs.routes import STREAM
from omna.chat.runs.schemas import Estimate, EstimateAsked, Estimates, TemporaryChat
from omna.http.access import AtPool
from omna.http.errors import ErrorBody
from omna.http.router import Router
from omna.http.streaming import EventStream
from omna.ids import UploadId

router = Router(prefix="/api/workspaces/{workspace}/chat", tags=["chat"])

_REFUSED: dict[int | str, dict[str, Any]] = {
    415: {"model": ErrorBody, "description": "A picture is not of a kind that is accepted, or cannot be read"}
}


@router.post("/estimate")
async def estimate_message(body: EstimateAsked, who: Author, runs: Running, pool: AtPool) -> Estimates:
    """What a message would cost with each model, and whether it could be sent now. Nothing is held or sent."""
    guesses = await estimating.estimate(
        runs,
        who,
        body.models,
        chat_id=None if body.chat is None else service.parse_chat(body.chat),
        parent_id=None if body.parent is None else service.parse_message(body.parent),
        content=body.content,
        attachments=_uploads(body.attachments),
        system_prompt=body.system_prompt,
        parameters=None if body.parameters is None else body.parameters.kept(),
    )
    return Estimates(items=[_estimate(guess) for guess in guesses])


@router.post("/temporary", response_class=Response, responses=STREAM | _REFUSED)
async def answer_temporarily(body: TemporaryChat, who: Sender, runs: Running, pool: AtPool) -> Response:
    """Have the last message answered, and nothing of it kept. To close the stream is to stop the answer."""
    runs.require_stream(who.user_id)
    lines = [
        temporary.Line(one.role, one.content, _uploads(one.attachments), await pictures(one.images))
        for one in body.messages
    ]
    parameters = {} if body.parameters is None else body.parameters.kept()
    run = await temporary.answer(runs, who, lines, body.model, body.system_prompt or "", parameters)
    events = counted(runs, who.user_id, follow_run(run))
    return EventStream(events, runs.gateway.settings.client_stall_seconds, over=run.stop)


def _estimate(guess: estimating.Guess) -> Estimate:
    return Estimate(
        model=guess.model,
        prompt_tokens=guess.prompt_tokens,
        prompt_charge=guess.prompt_charge,
        hold=guess.hold,
        context=guess.context,
        context_used=guess.prompt_tokens,
        dropped=0,
        answer_tokens_affordable=guess.affordable,
        refusal=None if guess.refusal is None else AnswerError(**error_of(guess.refusal)),
    )


def _uploads(texts: list[str]) -> list[UploadId]:
    return [files.parse_id(text) for text in dict.fromkeys(texts)]
