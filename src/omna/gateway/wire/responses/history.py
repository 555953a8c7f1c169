"""PURE: the input items of a Responses body become the messages of a chat body."""

from collections.abc import Callable
from typing import Any

from omna.errors import InvalidValue, UnsupportedParameter
from omna.gateway.wire.chat.request import IMAGE_SCHEMES
from omna.gateway.wire.responses.tools import TOOL_ITEMS, Tools
from omna.http.strict_json import dumps

Json = dict[str, Any]

#: The format under which a provider's own reasoning travels in chat form.
REASONING_FORMAT = "openai-responses-v1"

_ROLES = ("user", "system", "developer", "assistant")
#: Calls of tools that OpenAI defines and the client runs: the name they get in chat form, and where the call is.
CALL_ITEMS = {
    "local_shell_call": ("local_shell", "action"),
    "shell_call": ("shell", "action"),
    "apply_patch_call": ("apply_patch", "operation"),
}
OUTPUT_ITEMS = (
    "function_call_output",
    "custom_tool_call_output",
    "local_shell_call_output",
    "shell_call_output",
    "apply_patch_call_output",
)
#: What has no chat form and is left out: work of a provider's own tools, and notes of Codex.
LEFT_OUT = (
    *TOOL_ITEMS,
    "agent_message", "code_interpreter_call", "compaction", "compaction_summary", "compaction_trigger",
    "computer_call", "computer_call_output", "configuration_update", "context_compaction", "file_search_call",
    "ghost_snapshot", "image_generation_call", "mcp_approval_request", "mcp_approval_response", "mcp_call",
    "mcp_list_tools", "program", "program_output", "tool_search_call", "web_search_call",
)  # fmt: skip


def messages(body: Json, tools: Tools) -> list[Json]:
    """Return the conversation of a body, its instructions first.

    Errors  InvalidValue, UnsupportedParameter, each naming the item and the field
    """
    history = _History(tools)
    instructions = body.get("instructions")
    if instructions:
        history.say("system", instructions)
    given = body["input"]
    if isinstance(given, str):
        history.say("user", given)
        return history.messages
    for number, item in enumerate(given):
        history.take(item, f"input[{number}]")
    if not history.messages:
        raise InvalidValue("`input` holds nothing that can be said to a model.", param="input")
    return history.messages


class _History:
    """Messages so far. What a model did without being answered in between is one assistant message."""

    def __init__(self, tools: Tools) -> None:
        self.messages: list[Json] = []
        self._tools = tools
        self._open: Json | None = None
        self._thoughts: list[Json] = []

    def say(self, role: str, content: Any) -> None:
        """Add a message that ends whatever the model was doing."""
        self._open = None
        self._thoughts = []
        self.messages.append({"role": role, "content": content})

    def take(self, item: Any, path: str) -> None:
        if not isinstance(item, dict):
            raise InvalidValue(f"`{path}` must be an object.", param=path)
        kind = item.get("type")
        if kind is None and "role" in item:
            kind = "message"
        if not isinstance(kind, str):
            raise InvalidValue(f"`{path}.type` must be the type of an input item, a string.", param=f"{path}.type")
        if kind == "message":
            self._message(item, path)
        elif kind == "function_call":
            name = self._tools.chat_name(_text(item, "name", path), item.get("namespace"))
            self._call(_text(item, "call_id", path), name, _text(item, "arguments", path))
        elif kind == "custom_tool_call":
            name = self._tools.chat_name(_text(item, "name", path), item.get("namespace"))
            self._call(_text(item, "call_id", path), name, _json({"input": _text(item, "input", path)}))
        elif kind in CALL_ITEMS:
            name, field = CALL_ITEMS[kind]
            self._call(_call_id(item, path), name, _json(item.get(field) or {}))
        elif kind in OUTPUT_ITEMS:
            self.say("tool", _output(item.get("output"), f"{path}.output"))
            self.messages[-1] = {"role": "tool", "tool_call_id": _call_id(item, path), **self.messages[-1]}
        elif kind == "reasoning":
            self._reasoning(item, path)
        elif kind == "item_reference":
            raise UnsupportedParameter("Nothing is stored here that `item_reference` could mean.", param=f"{path}.type")
        elif kind not in LEFT_OUT:
            raise InvalidValue(f"`{path}.type` is no type of an input item.", param=f"{path}.type")

    def _message(self, item: Json, path: str) -> None:
        role = item.get("role")
        if role not in _ROLES:
            raise InvalidValue(f"`{path}.role` must be one of {', '.join(_ROLES)}.", param=f"{path}.role")
        content = _content(item.get("content"), f"{path}.content")
        if role != "assistant":
            self.say(role, content)
            return
        content = _joined(content)
        if self._open is not None and self._open["content"] is not None and not self._open.get("tool_calls"):
            self._open = None
        message = self._assistant()
        if message["content"] is None:
            message["content"] = content
        else:
            message["content"] = _as_parts(message["content"]) + _as_parts(content)

    def _call(self, call_id: str, name: str, arguments: str) -> None:
        call = {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
        self._assistant().setdefault("tool_calls", []).append(call)

    def _reasoning(self, item: Json, path: str) -> None:
        """Keep a thought for the message that came of it; one that nothing came of is left out."""
        parts: list[str] = []
        for field in ("summary", "content"):
            given = item.get(field)
            if given is not None and not isinstance(given, list):
                raise InvalidValue(f"`{path}.{field}` must be a list of parts.", param=f"{path}.{field}")
            for number, part in enumerate(given or ()):
                here = f"{path}.{field}[{number}]"
                if not isinstance(part, dict):
                    raise InvalidValue(f"`{here}` must be an object.", param=here)
                parts.append(_text(part, "text", here))
        encrypted = item.get("encrypted_content")
        if encrypted is not None and not isinstance(encrypted, str):
            raise InvalidValue(f"`{path}.encrypted_content` must be a string.", param=f"{path}.encrypted_content")
        self._thoughts.append({"text": "\n\n".join(parts), "data": encrypted})

    def _assistant(self) -> Json:
        """Return the assistant message that goes on, or a new one, with the thoughts that led to it."""
        if self._open is None:
            self._open = {"role": "assistant", "content": None}
            self.messages.append(self._open)
        message = self._open
        for thought in self._thoughts:
            details = message.setdefault("reasoning_details", [])
            common = {"format": REASONING_FORMAT, "index": details[-1]["index"] + 1 if details else 0}
            if thought["text"]:
                before = message.get("reasoning_content")
                message["reasoning_content"] = f"{before}\n\n{thought['text']}" if before else thought["text"]
                details.append({"type": "reasoning.text", "text": thought["text"], **common})
            if thought["data"]:
                details.append({"type": "reasoning.encrypted", "data": thought["data"], **common})
            if not details:
                del message["reasoning_details"]
        self._thoughts = []
        return message


def _text(item: Json, field: str, path: str) -> str:
    value = item.get(field)
    if not isinstance(value, str):
        raise InvalidValue(f"`{path}.{field}` must be a string.", param=f"{path}.{field}")
    return value


def _call_id(item: Json, path: str) -> str:
    # Calls and outputs of the local shell may have their id alone.
    if item.get("call_id") is None and isinstance(item.get("id"), str):
        return str(item["id"])
    return _text(item, "call_id", path)


def _json(value: Any) -> str:
    return dumps(value).decode()


def _output(output: Any, path: str) -> Any:
    """Return the result of a call: text, parts, or whatever a tool of OpenAI's answers as JSON text."""
    if isinstance(output, list) and all(isinstance(part, dict) and str(part.get("type")) in _PARTS for part in output):
        return _content(output, path)
    if isinstance(output, str):
        return output
    if output is None:
        return ""
    return _json(output)


def _content(content: Any, path: str) -> Any:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise InvalidValue(f"`{path}` must be a string or a list of parts.", param=path)
    parts = [_part(part, f"{path}[{number}]") for number, part in enumerate(content)]
    # One text is sent as a string: not every upstream takes lists for every role.
    return parts[0]["text"] if len(parts) == 1 and parts[0]["type"] == "text" else parts


def _joined(content: Any) -> Any:
    """Return the text of a model as one string; parts of other kinds keep it a list."""
    if isinstance(content, list) and all(part["type"] == "text" for part in content):
        return "".join(part["text"] for part in content)
    return content


def _as_parts(content: Any) -> list[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _part(part: Any, path: str) -> Json:
    if not isinstance(part, dict):
        raise InvalidValue(f"`{path}` must be an object.", param=path)
    kind = part.get("type")
    read = _PARTS.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise InvalidValue(f"`{path}.type` must be one of {', '.join(_PARTS)}.", param=f"{path}.type")
    return read(part, path)


def _text_part(part: Json, path: str) -> Json:
    return {"type": "text", "text": _text(part, "text", path)}


def _refusal_part(part: Json, path: str) -> Json:
    return {"type": "refusal", "refusal": _text(part, "refusal", path)}


def _image_part(part: Json, path: str) -> Json:
    _refuse_stored(part, path)
    url = part.get("image_url")
    if not isinstance(url, str) or not url.startswith(IMAGE_SCHEMES):
        raise InvalidValue(f"`{path}.image_url` must be a data:image/…;base64 or https URL.", param=f"{path}.image_url")
    image = {"url": url}
    if isinstance(part.get("detail"), str):
        image["detail"] = part["detail"]
    return {"type": "image_url", "image_url": image}


def _file_part(part: Json, path: str) -> Json:
    _refuse_stored(part, path)
    if part.get("file_url") is not None:
        raise UnsupportedParameter("Files are taken as `file_data` alone.", param=f"{path}.file_url")
    file = {"file_data": _text(part, "file_data", path)}
    if isinstance(part.get("filename"), str):
        file["filename"] = part["filename"]
    return {"type": "file", "file": file}


def _audio_part(part: Json, path: str) -> Json:
    if not isinstance(part.get("input_audio"), dict):
        raise InvalidValue(f"`{path}.input_audio` must be an object.", param=f"{path}.input_audio")
    return {"type": "input_audio", "input_audio": part["input_audio"]}


def _refuse_stored(part: Json, path: str) -> None:
    """Refuse a file of the provider's account: it is the operator's, and whoever put it there is unknown."""
    if part.get("file_id") is not None:
        raise UnsupportedParameter("No files are stored here.", param=f"{path}.file_id")


_PARTS: dict[str, Callable[[Json, str], Json]] = {
    "input_text": _text_part,
    "output_text": _text_part,
    "refusal": _refusal_part,
    "input_image": _image_part,
    "input_file": _file_part,
    "input_audio": _audio_part,
}
