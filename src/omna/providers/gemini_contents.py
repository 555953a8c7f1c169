"""PURE: the messages of a chat body to Gemini's `contents` and `systemInstruction`.

Thought signatures make the round trip through `reasoning_details`: an entry with the id of a tool call belongs to that
call's part, any other to the text. Source: https://ai.google.dev/gemini-api/docs/thought-signatures
"""

from typing import Any

import msgspec

from omna.providers.gemini_parts import Part, parts_of, unsupported
from omna.providers.lenient import fields

#: The `format` of reasoning details that hold Gemini's signatures.
SIGNATURE_FORMAT = "google-gemini-v1"

#: What Gemini documents for calls that another model made, or whose signature was lost: newer models refuse a call
#: without any.
_NO_SIGNATURE = "skip_thought_signature_validator"
#: Levels of an object inside a text, which nobody bounded: as deep as a body itself may be.
_DEEPEST_OBJECT = 64


class Conversation:
    """The messages of one body in Gemini's form. `system` is said before all `contents`, wherever it stood.

    recent  whether the model is of a generation that insists on signatures and reads media in function responses
    Errors  Failure of kind UNSUPPORTED, naming the field
    """

    def __init__(self, messages: Any, *, recent: bool) -> None:
        self.system: list[Part] = []
        self.contents: list[dict[str, Any]] = []
        self._recent = recent
        self._names: dict[str, str] = {}
        answering = False
        for number, message in enumerate(messages if isinstance(messages, list) else ()):
            path = f"messages[{number}]"
            role = message.get("role") if isinstance(message, dict) else None
            match role:
                case "system" | "developer":
                    self.system += _system_parts(message, path)
                case "user":
                    self._say("user", parts_of(message.get("content"), f"{path}.content"))
                case "assistant":
                    self._say("model", self._model_parts(message, path))
                case "tool":
                    parts = self._result_parts(message, path)
                    # The results of parallel calls are one turn, as the calls were.
                    if answering:
                        self.contents[-1]["parts"] += parts
                    else:
                        self._say("user", parts)
                case _:
                    raise unsupported(f"{path}.role", f"`{path}.role` is no role that this provider knows.")
            answering = role == "tool"
        if not self.contents:
            # Gemini answers nobody: instructions without a question are the question.
            self._say("user", self.system)
            self.system = []

    def _say(self, role: str, parts: list[Part]) -> None:
        if parts:
            self.contents.append({"role": role, "parts": parts})

    def _model_parts(self, message: dict[str, Any], path: str) -> list[Part]:
        parts = parts_of(message.get("content") or message.get("refusal"), f"{path}.content")
        of_calls, loose = _signatures(message.get("reasoning_details"))
        calls = [
            self._call_part(call, of_calls, f"{path}.tool_calls[{number}]")
            for number, call in enumerate(_listed(message.get("tool_calls"), f"{path}.tool_calls"))
        ]
        if calls and self._recent and not any("thoughtSignature" in call for call in calls):
            # An entry that lost the id of its call, or a call that was made elsewhere.
            calls[0]["thoughtSignature"] = loose.pop() if loose else _NO_SIGNATURE
        return [*_signed(parts, loose), *calls]

    def _call_part(self, call: Any, signatures: dict[str, str], path: str) -> Part:
        identifier = call.get("id") if isinstance(call, dict) else None
        function = fields(call.get("function")) if isinstance(call, dict) else {}
        name, stated = function.get("name"), function.get("arguments")
        if not isinstance(identifier, str):
            raise unsupported(f"{path}.id", f"`{path}.id` must be a string.")
        if not isinstance(name, str):
            raise unsupported(f"{path}.function.name", f"`{path}.function.name` must be a string.")
        self._names[identifier] = name
        arguments = {} if stated in (None, "") else _object(stated)
        if arguments is None:
            # What a model wrote before it was cut off: it should see that, and the conversation can go on.
            arguments = {"arguments": stated}
        part: Part = {"functionCall": {"id": identifier, "name": name, "args": arguments}}
        if identifier in signatures:
            part["thoughtSignature"] = signatures[identifier]
        return part

    def _result_parts(self, message: dict[str, Any], path: str) -> list[Part]:
        identifier = message.get("tool_call_id")
        name = self._names.get(identifier) if isinstance(identifier, str) else None
        if name is None:
            raise unsupported(f"{path}.tool_call_id", f"`{path}.tool_call_id` names no earlier tool call.")
        parts = parts_of(message.get("content"), f"{path}.content")
        text = "".join(part["text"] for part in parts if "text" in part)
        media = [part for part in parts if "text" not in part]
        found = _object(text)
        response: dict[str, Any] = {"id": identifier, "name": name}
        response["response"] = {"result": text} if found is None else found
        if self._recent:
            inline = [part for part in media if "inlineData" in part]
            if inline:
                response["parts"] = inline
            media = [part for part in media if "inlineData" not in part]
        return [{"functionResponse": response}, *media]


def _system_parts(message: dict[str, Any], path: str) -> list[Part]:
    parts = parts_of(message.get("content"), f"{path}.content")
    if any("text" not in part for part in parts):
        raise unsupported(f"{path}.content", "Instructions to this model can only be text.")
    return parts


def _signatures(details: Any) -> tuple[dict[str, str], list[str]]:
    """Return Gemini's signatures among reasoning details: by tool call, and the others in order."""
    of_calls: dict[str, str] = {}
    loose: list[str] = []
    for detail in details if isinstance(details, list) else ():
        if not isinstance(detail, dict) or detail.get("format") != SIGNATURE_FORMAT:
            continue
        signature, identifier = detail.get("data"), detail.get("id")
        if not isinstance(signature, str) or not signature:
            continue
        if isinstance(identifier, str):
            of_calls[identifier] = signature
        else:
            loose.append(signature)
    return of_calls, loose


def _signed(parts: list[Part], signatures: list[str]) -> list[Part]:
    """Return parts with the last signature on the last text and a part of its own for every other."""
    if not signatures:
        return parts
    *others, last = signatures
    bare = [{"text": "", "thoughtSignature": signature} for signature in others]
    if parts and "text" in parts[-1]:
        return [*bare, *parts[:-1], {**parts[-1], "thoughtSignature": last}]
    return [*bare, *parts, {"text": "", "thoughtSignature": last}]


def _object(text: Any) -> dict[str, Any] | None:
    """Return the JSON object that a text is, or None when it is something else."""
    try:
        found = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError, RecursionError, TypeError):
        return None
    return found if _is_flat_enough(found) else None


def _is_flat_enough(value: dict[str, Any]) -> bool:
    level: list[Any] = [value]
    for _ in range(_DEEPEST_OBJECT):
        level = [child for node in level for child in (node.values() if isinstance(node, dict) else node)]
        level = [child for child in level if isinstance(child, dict | list)]
        if not level:
            return True
    return False


def _listed(value: Any, path: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise unsupported(path, f"`{path}` must be a list.")
    return value
