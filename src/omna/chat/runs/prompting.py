"""From a chat to the messages of a request, with what its files say."""

from collections.abc import Mapping, Sequence
from typing import Any

from omna.chat.conversations.model import Message
from omna.chat.files import service as files
from omna.chat.runs.prompt import messages_of
from omna.db.pool import Connection
from omna.http.principal import Member
from omna.ids import MessageId, UploadId


async def prompt_of(
    connection: Connection,
    by: Member,
    system_prompt: str,
    branch: Sequence[Message],
    new: Mapping[MessageId, Sequence[UploadId]],
    *,
    shown: Mapping[MessageId, Sequence[dict[str, Any]]] | None = None,
    go_on: bool = False,
) -> list[dict[str, Any]]:
    """Return the messages of a request.

    branch  of a chat that is theirs, or of one that is not kept
    new     files of messages that have none yet: whether they may be read is asked here
    shown   parts of messages that are kept nowhere
    Errors  NotFound, InvalidValue
    """
    attached = {message.message_id: [file.upload_id for file in message.files] for message in branch if message.files}
    for message_id, upload_ids in new.items():
        readable = await files.readable(connection, by.workspace_id, by.user_id, upload_ids)
        attached[message_id] = [file.upload_id for file in readable]
    wanted = dict.fromkeys(upload_id for upload_ids in attached.values() for upload_id in upload_ids)
    parts = await files.parts(connection, by.workspace_id, list(wanted))
    said = {
        message_id: [parts[upload_id] for upload_id in upload_ids if upload_id in parts]
        for message_id, upload_ids in attached.items()
    }
    for message_id, pictures in (shown or {}).items():
        said[message_id] = [*said.get(message_id, ()), *pictures]
    return messages_of(system_prompt, branch, said, go_on=go_on)
