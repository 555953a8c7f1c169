"""What a message would cost: counted here, priced and judged as the gateway would, and nothing is held or sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from omna.chat.conversations import service
from omna.chat.conversations.model import Message
from omna.chat.runs.calls import caller_of, calls_of, require_fit
from omna.chat.runs.prompting import prompt_of
from omna.chat.runs.runs import Runs
from omna.clock import monotonic, now
from omna.db.pool import borrow
from omna.errors import OmnaError, TooManyAttempts
from omna.gateway import fitting, metering
from omna.gateway.model import Call, Caller, Tokens
from omna.http.principal import Member
from omna.ids import ChatId, MessageId, UploadId, new_id
from omna.ledger import service as ledger


@dataclass(frozen=True, slots=True)
class Guess:
    """What a message would cost with one model; amounts in nanocredits.

    affordable  tokens of answer that the balance ends at; None where it pays for the longest that the model makes
    """

    model: str
    prompt_tokens: int
    prompt_charge: int | None
    hold: int | None
    context: int | None
    affordable: int | None
    refusal: OmnaError | None


async def estimate(
    runs: Runs,
    by: Member,
    models: Sequence[str],
    *,
    chat_id: ChatId | None,
    parent_id: MessageId | None,
    content: str,
    attachments: Sequence[UploadId],
    system_prompt: str | None,
    parameters: dict[str, Any] | None,
) -> list[Guess]:
    """Return what a message would cost with each model.

    Errors  NotFound, InvalidValue, RequestTooLarge; TooManyAttempts: it costs nothing, but counting takes time
    """
    wait = runs.gateway.free_rate.wait(by.user_id.bytes, monotonic())
    if wait:
        raise TooManyAttempts("You ask very often what messages would cost. Wait a moment.", retry_after=wait)
    async with borrow(runs.pool) as connection:
        branch: list[Message] = []
        if chat_id is not None:
            thread = await service.thread(connection, by, chat_id)
            branch = [*service.branch_to(thread, parent_id)]
            system_prompt = thread.chat.system_prompt if system_prompt is None else system_prompt
            parameters = thread.chat.parameters if parameters is None else parameters
        question = Message(chat_id or ChatId(new_id()), MessageId(new_id()), None, "user", content, now())
        new = {question.message_id: attachments} if attachments else {}
        prompt = await prompt_of(connection, by, system_prompt or "", [*branch, question], new)
        available = (await ledger.wallet(connection, by.workspace_id)).available
    calls = await calls_of(runs.gateway, models, prompt, parameters or {})
    caller = caller_of(by)
    return [await _guess(runs, call, caller, available) for call in calls]


async def _guess(runs: Runs, call: Call, caller: Caller, available: int) -> Guess:
    hold: int | None = None
    bound: int | None = None
    refusal: OmnaError | None = None
    try:
        ticket = await runs.gateway.rehearse(call, caller)
        hold, bound = ticket.amount, ticket.upstream_bound
        require_fit(ticket.model, call)
    except OmnaError as error:
        hold, refusal = None, error
    model = runs.gateway.catalogue.model(call.model_id)
    if model is None or model.price is None:
        return Guess(call.model_id, call.prompt_tokens, None, hold, None, None, refusal)
    if bound is None:
        bound = fitting.output_bound(call, model, runs.gateway.settings.default_max_output_tokens)
    paid = metering.output_affordable(model.price, call.prompt_tokens, available, metering.classes_of(call, model))
    charge = metering.charge(Tokens(prompt=call.prompt_tokens), model.price.rates)
    return Guess(
        call.model_id,
        call.prompt_tokens,
        charge.total,
        hold,
        model.context_length,
        None if paid >= bound else max(0, paid),
        refusal,
    )
