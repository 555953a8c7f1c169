"""PURE: the tools of a Responses body: which are sold, what they are in chat form, and who is meant by a call."""

from collections.abc import Iterator
from itertools import count
from typing import Any, Literal

import msgspec

from omna.errors import InvalidValue, UnsupportedParameter

Json = dict[str, Any]

#: Input items that bring further tools along; Codex sends all of its tools this way.
TOOL_ITEMS = ("additional_tools", "tool_search_output")

#: Tools that a provider runs at a price of its own and that the caller's result depends on.
REFUSED_TOOLS = ("file_search", "code_interpreter", "computer_use_preview", "mcp")
_REMOTE_SHELLS = ("container_auto", "container_reference")
#: Longest name of a function that OpenAI takes.
_LONGEST_NAME = 64
LONGEST_OFFERED_NAME = 256


class Tool(msgspec.Struct, frozen=True):
    """A tool that the client runs itself: `name` in `namespace` for the client, `chat_name` for a chat upstream."""

    kind: Literal["function", "custom"]
    name: str
    namespace: str | None
    chat_name: str
    definition: Json


class Tools:
    """The functions and custom tools of a body, wherever it declares them. Others have no chat form and are left out.

    A namespace is flattened: its functions keep their names, and get the namespace in front where two would be alike.
    """

    def __init__(self, body: Json) -> None:
        """body  the native form that `without_paid_tools` returned"""
        self._tools: dict[tuple[str | None, str], Tool] = {}
        self._by_chat_name: dict[str, Tool] = {}
        for namespace, definition in _declared(body):
            name = definition["name"]
            known = self._tools.get((namespace, name))
            chat_name = self._free_name(namespace, name) if known is None else known.chat_name
            tool = Tool(definition["type"], name, namespace, chat_name, definition)
            self._tools[namespace, name] = self._by_chat_name[chat_name] = tool

    def called(self, chat_name: str) -> Tool | None:
        """Return the tool a model called, None for one that was not declared."""
        return self._by_chat_name.get(chat_name)

    def chat_name(self, name: str, namespace: Any = None) -> str:
        """Return what a chat upstream calls the tool that the client calls `name`; the same for an unknown one."""
        tool = self._tools.get((namespace if isinstance(namespace, str) else None, name))
        return name if tool is None else tool.chat_name

    def chat_form(self, allowed: set[str] | None = None) -> list[Json]:
        """Return the tools as a chat body has them; only those with the `allowed` names when given."""
        return [_chat_tool(tool) for tool in self._tools.values() if allowed is None or tool.chat_name in allowed]

    def _free_name(self, namespace: str | None, name: str) -> str:
        if name not in self._by_chat_name:
            return name
        joined = f"{namespace or 'tool'}__{name}"[:_LONGEST_NAME]
        if joined not in self._by_chat_name:
            return joined
        names = (f"{joined[: _LONGEST_NAME - 8]}_{number}" for number in count(2))
        return next(free for free in names if free not in self._by_chat_name)


def without_paid_tools(tools: Any, path: str) -> list[Json]:
    """Return checked tools, those that a provider charges extra for left out.

    Search and pictures are offers that a model may leave alone, and Codex makes them unasked: an answer without them
    is an answer. The others hold what the caller asks about (files, servers, a computer): they are refused.
    Errors  InvalidValue, UnsupportedParameter naming the type
    """
    if not isinstance(tools, list):
        raise InvalidValue(f"`{path}` must be a list of tools.", param=path)
    kept = []
    for number, tool in enumerate(tools):
        here = f"{path}[{number}]"
        if not isinstance(tool, dict):
            raise InvalidValue(f"`{here}` must be an object.", param=here)
        kind = tool.get("type")
        if not isinstance(kind, str) or not kind:
            raise InvalidValue(f"`{here}.type` must be the type of a tool, a string.", param=f"{here}.type")
        if kind in REFUSED_TOOLS or (kind == "shell" and _is_remote(tool)):
            raise UnsupportedParameter(f"`{kind}` is not sold for this model.", param=f"{here}.type")
        if _is_offer(kind):
            continue
        if kind in ("function", "custom"):
            _check_definition(tool, here)
        inner = tool.get("tools")
        kept.append({**tool, "tools": without_paid_tools(inner, f"{here}.tools")} if isinstance(inner, list) else tool)
    return kept


def check_choice(choice: Any) -> Any:
    """Return a checked `tool_choice`, without the tools that `without_paid_tools` leaves out.

    Errors  InvalidValue, UnsupportedParameter
    """
    if choice is None or choice in ("none", "auto", "required"):
        return choice
    kind = choice.get("type") if isinstance(choice, dict) else None
    if not isinstance(kind, str):
        raise InvalidValue("`tool_choice` must be none, auto, required or an object with a type.", param="tool_choice")
    if kind in REFUSED_TOOLS or _is_offer(kind):
        raise UnsupportedParameter(f"`{kind}` is not sold for this model.", param="tool_choice.type")
    if kind in ("function", "custom") and not isinstance(choice.get("name"), str):
        raise InvalidValue("`tool_choice.name` must be the name of a tool.", param="tool_choice.name")
    if kind == "allowed_tools":
        if choice.get("mode") not in ("auto", "required"):
            raise InvalidValue("`tool_choice.mode` must be auto or required.", param="tool_choice.mode")
        tools = choice.get("tools")
        if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
            raise InvalidValue("`tool_choice.tools` must be a list of tools.", param="tool_choice.tools")
        return {**choice, "tools": [tool for tool in tools if not _is_offer(str(tool.get("type")))]}
    return choice


def chat_choice(choice: Any, tools: Tools) -> tuple[Any, list[Json]]:
    """Return `tool_choice` and `tools` of a chat body. A choice of a tool without chat form is none at all."""
    if not isinstance(choice, dict):
        return choice, tools.chat_form()
    if choice["type"] in ("function", "custom"):
        name = tools.chat_name(choice["name"], choice.get("namespace"))
        return {"type": "function", "function": {"name": name}}, tools.chat_form()
    if choice["type"] == "allowed_tools":
        names = {
            tools.chat_name(tool["name"], tool.get("namespace"))
            for tool in choice["tools"]
            if isinstance(tool.get("name"), str)
        }
        return choice["mode"], tools.chat_form(names)
    return None, tools.chat_form()


def _is_offer(kind: str) -> bool:
    return kind == "image_generation" or kind.startswith("web_search")


def _is_remote(shell: Json) -> bool:
    environment = shell.get("environment")
    return isinstance(environment, dict) and environment.get("type") in _REMOTE_SHELLS


def _check_definition(tool: Json, path: str) -> None:
    name = tool.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_OFFERED_NAME:
        raise InvalidValue(
            f"`{path}.name` must be a string: a tool of POST /v1/responses has its name beside its type.",
            param=f"{path}.name",
        )
    parameters = tool.get("parameters")
    if parameters is not None and not isinstance(parameters, dict):
        raise InvalidValue(f"`{path}.parameters` must be a JSON schema.", param=f"{path}.parameters")
    for field, kind, said in (("description", str, "a string"), ("strict", bool, "true or false")):
        if tool.get(field) is not None and not isinstance(tool[field], kind):
            raise InvalidValue(f"`{path}.{field}` must be {said}.", param=f"{path}.{field}")


def _declared(body: Json) -> Iterator[tuple[str | None, Json]]:
    yield from _flat(body.get("tools"), None)
    items = body.get("input")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("type") in TOOL_ITEMS:
            yield from _flat(item.get("tools"), None)


def _flat(tools: Any, namespace: str | None) -> Iterator[tuple[str | None, Json]]:
    for tool in tools if isinstance(tools, list) else ():
        if tool["type"] in ("function", "custom"):
            yield namespace, tool
        elif tool["type"] == "namespace":
            name = tool.get("name")
            yield from _flat(tool.get("tools"), name if isinstance(name, str) else None)


def _chat_tool(tool: Tool) -> Json:
    function: Json = {"name": tool.chat_name}
    description = tool.definition.get("description")
    if tool.kind == "custom":
        # A custom tool takes free text: in chat form it is a function with that text as its one argument.
        description = "\n\n".join(text for text in (description, _grammar(tool.definition)) if text)
        parameters: Any = {
            "type": "object",
            "properties": {"input": {"type": "string"}},
            "required": ["input"],
            "additionalProperties": False,
        }
    else:
        parameters = tool.definition.get("parameters")
    if description:
        function["description"] = description
    if parameters is not None:
        function["parameters"] = parameters
    if tool.kind == "function" and tool.definition.get("strict") is not None:
        function["strict"] = tool.definition["strict"]
    return {"type": "function", "function": function}


def _grammar(definition: Json) -> str | None:
    """Return in words what only a native upstream can enforce."""
    form = definition.get("format")
    if not isinstance(form, dict) or not isinstance(form.get("definition"), str):
        return None
    return f"The input must follow this {form.get('syntax') or 'formal'} grammar:\n{form['definition']}"
