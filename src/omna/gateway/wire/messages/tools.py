"""PURE: tools and their choice in a Messages body → functions in chat form."""

from typing import Any

from omna.errors import InvalidValue, MissingRequiredParameter, UnsupportedParameter
from omna.gateway.wire.fields import optional_string, required_string
from omna.gateway.wire.messages.parts import cache_control

Json = dict[str, Any]

#: Tools that Anthropic defines and the client runs. Only Anthropic's models know them: in chat form they are left out.
CLIENT_TOOLS = ("bash_", "text_editor_", "computer_", "memory_", "browser_toolset_")


def chat_tools(body: Json) -> Json:
    """Return `tools`, `tool_choice` and `parallel_tool_calls` in chat form, as far as there is something to choose.

    Errors  MissingRequiredParameter, InvalidValue; UnsupportedParameter for tools that the provider runs: what they
            cost is not in the price list
    """
    tools = body.get("tools")
    if tools is not None and not isinstance(tools, list):
        raise InvalidValue("`tools` must be a list.", param="tools")
    functions = [function for number, tool in enumerate(tools or ()) for function in _tool(tool, f"tools[{number}]")]
    choice = _choice(body.get("tool_choice"), {function["function"]["name"] for function in functions})
    return {"tools": functions, **choice} if functions else {}


def _tool(tool: Any, path: str) -> list[Json]:
    if not isinstance(tool, dict):
        raise InvalidValue(f"`{path}` must be an object.", param=path)
    kind = optional_string(tool, "type", path)
    if kind is not None and kind != "custom":
        if not kind.startswith(CLIENT_TOOLS):
            raise UnsupportedParameter(
                f"`{path}.type` {kind!r:.80} is run by the provider, which is not sold here.", param=f"{path}.type"
            )
        return []
    name = required_string(tool, "name", path)
    if not name:
        raise InvalidValue(f"`{path}.name` is empty.", param=f"{path}.name")
    schema = tool.get("input_schema")
    if schema is None:
        raise MissingRequiredParameter(f"`{path}.input_schema` is missing.", param=f"{path}.input_schema")
    if not isinstance(schema, dict):
        raise InvalidValue(f"`{path}.input_schema` must be an object.", param=f"{path}.input_schema")
    function: Json = {"name": name, "parameters": schema}
    description = optional_string(tool, "description", path)
    if description is not None:
        function["description"] = description
    return [{"type": "function", "function": function} | cache_control(tool, path)]


def _choice(choice: Any, names: set[str]) -> Json:
    if choice is None:
        return {}
    if not isinstance(choice, dict):
        raise InvalidValue("`tool_choice` must be an object.", param="tool_choice")
    alone = choice.get("disable_parallel_tool_use")
    if alone is not None and not isinstance(alone, bool):
        path = "tool_choice.disable_parallel_tool_use"
        raise InvalidValue(f"`{path}` must be true or false.", param=path)
    found: Json = {"parallel_tool_calls": False} if alone else {}
    match choice.get("type"):
        case "auto":
            found["tool_choice"] = "auto"
        case "any":
            found["tool_choice"] = "required"
        case "none":
            found["tool_choice"] = "none"
        case "tool":
            name = required_string(choice, "name", "tool_choice")
            if name in names:
                found["tool_choice"] = {"type": "function", "function": {"name": name}}
        case _:
            raise InvalidValue("`tool_choice.type` must be auto, any, tool or none.", param="tool_choice.type")
    return found
