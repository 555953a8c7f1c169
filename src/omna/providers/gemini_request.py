"""PURE: a chat body to the body of Gemini's generateContent, or the word that Gemini cannot do what it asks.

Fields that Gemini has no word for and that would change the answer are refused by name; those that only describe the
request (user, metadata, store, prompt_cache_key) are left out. Source: https://ai.google.dev/api/generate-content
"""

import re
from typing import Any

from omna.providers.base import Call, Failure, FailureKind
from omna.providers.gemini_contents import Conversation
from omna.providers.gemini_parts import unsupported
from omna.providers.legacy_functions import with_tools

_MODEL = re.compile(r"(?:(?:models|tunedModels)/)?[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
#: Generations that bound thinking by tokens, ask for no signatures, and read no media in function responses.
_OLDER = re.compile(r"(?:models/)?gemini-[12][.-]")
#: Models that always think: the least they can is more than the others' least.
_PRO = re.compile(r"gemini-.*\bpro\b")

_COPIED = {"temperature": "temperature", "top_p": "topP", "top_k": "topK", "seed": "seed"}
#: Copied unless they say what is the case anyway: models that lack them refuse the very field.
_COPIED_UNLESS = {
    "n": ("candidateCount", 1),
    "presence_penalty": ("presencePenalty", 0),
    "frequency_penalty": ("frequencyPenalty", 0),
}
#: What Gemini cannot do, and the values with which a field asks for nothing.
_REFUSED: dict[str, tuple[Any, ...]] = {
    "logit_bias": ({},),
    "functions": ([],),
    "min_p": (0,),
    "top_a": (0,),
    "repetition_penalty": (1,),
    "verbosity": ("medium",),
    "modalities": (["text"],),
    "service_tier": ("auto", "default"),
    "prediction": (),
    "audio": (),
    "web_search_options": (),
}

_OF_EMPTY_OBJECTS = {"type", "properties", "required", "additionalProperties", "$schema", "title", "description"}

#: Tokens of thought per effort for the generations that count them, as the vendor maps them itself.
_BUDGETS = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 24576, "max": 24576}
#: The newer ones think in levels and cannot be told not to think at all.
_LEVELS = {"none": "minimal", "minimal": "minimal", "low": "low", "medium": "medium"}
_LEAST_BUDGET_OF_PRO, _LEAST_LEVEL_OF_PRO = 128, "low"


def model_path(model: str) -> str:
    """Return the path of a model below the base URL: `models/NAME`, or the resource it was named as.

    Errors  Failure of kind UNSUPPORTED for what cannot be a name
    """
    if _MODEL.fullmatch(model) is None:
        raise unsupported("model", "The provider of this model has none of that name.")
    return model if "/" in model else f"models/{model}"


def generate_body(call: Call) -> dict[str, Any]:
    """Return the body to send.

    Errors  Failure of kind UNSUPPORTED, `param` naming the field
    """
    if call.dialect == "completions":
        raise Failure(FailureKind.UNSUPPORTED, "The provider of this model only answers chats.")
    for name, harmless in _REFUSED.items():
        if (value := call.body.get(name)) is not None and value not in harmless:
            raise unsupported(name, f"The provider of this model has no `{name}`.")
    given = {name: value for name, value in with_tools(call.body).items() if value is not None}
    conversation = Conversation(given.get("messages"), recent=_is_recent(call.model))
    body: dict[str, Any] = {"contents": conversation.contents}
    if conversation.system:
        body["systemInstruction"] = {"parts": conversation.system}
    if given.get("tools"):
        body["tools"] = [{"functionDeclarations": _declarations(given["tools"])}]
        # A chat client asked for it; agents of other dialects say it of every model, and get along without.
        if given.get("parallel_tool_calls") is False and call.dialect == "chat":
            raise unsupported("parallel_tool_calls", "The provider of this model cannot be held to one tool call.")
        if "tool_choice" in given:
            body["toolConfig"] = {"functionCallingConfig": _calling(given["tool_choice"])}
    if "safety_settings" in given:
        body["safetySettings"] = given["safety_settings"]
    body["generationConfig"] = _generation(given, call.max_tokens, call.model)
    return body


def _generation(given: dict[str, Any], max_tokens: int, model: str) -> dict[str, Any]:
    config: dict[str, Any] = {"maxOutputTokens": max_tokens}
    config |= {theirs: given[ours] for ours, theirs in _COPIED.items() if ours in given}
    for ours, (theirs, default) in _COPIED_UNLESS.items():
        if ours in given and given[ours] != default:
            config[theirs] = given[ours]
    if stop := given.get("stop"):
        config["stopSequences"] = [stop] if isinstance(stop, str) else stop
    if given.get("logprobs") is True:
        config["responseLogprobs"] = True
        if "top_logprobs" in given:
            config["logprobs"] = given["top_logprobs"]
    config |= _format(given.get("response_format"))
    thinking = _thinking(given, model)
    if thinking:
        config["thinkingConfig"] = thinking
    return config


def _format(wanted: Any) -> dict[str, Any]:
    kind = wanted.get("type") if isinstance(wanted, dict) else wanted
    if kind in (None, "text"):
        return {}
    if kind == "json_object":
        return {"responseMimeType": "application/json"}
    if kind != "json_schema":
        raise unsupported("response_format.type", "`response_format.type` must be text, json_object or json_schema.")
    described = wanted.get("json_schema")
    schema = described.get("schema") if isinstance(described, dict) else None
    if not isinstance(schema, dict):
        raise unsupported("response_format.json_schema.schema", "`response_format.json_schema.schema` is missing.")
    return {"responseMimeType": "application/json", "responseJsonSchema": schema}


def _thinking(given: dict[str, Any], model: str) -> dict[str, Any]:
    """Return the thinkingConfig that `reasoning_effort` or `reasoning` ask for, empty when neither does."""
    wanted = given.get("reasoning")
    reasoning: dict[str, Any] = wanted if isinstance(wanted, dict) else {}
    param = "reasoning_effort" if reasoning.get("effort") is None else "reasoning.effort"
    effort = given.get("reasoning_effort") if reasoning.get("effort") is None else reasoning["effort"]
    if reasoning.get("enabled") is False:
        effort = "none"
    budget = reasoning.get("max_tokens")
    if effort is None and budget is None and reasoning.get("enabled") is not True:
        return {}
    shown = effort != "none" and reasoning.get("exclude") is not True
    config: dict[str, Any] = {"includeThoughts": shown}
    if effort is not None and (not isinstance(effort, str) or effort not in _BUDGETS):
        raise unsupported(param, f"`{param}` must be one of {', '.join(_BUDGETS)}.")
    if budget is not None and effort != "none":
        config["thinkingBudget"] = budget
    elif effort is not None:
        config |= _amount(effort, model)
    return config


def _amount(effort: str, model: str) -> dict[str, Any]:
    """Return how much a model is to think, in the measure of its generation."""
    pro = _PRO.search(model) is not None
    if _is_recent(model):
        level = _LEVELS.get(effort, "high")
        return {"thinkingLevel": _LEAST_LEVEL_OF_PRO if pro and level == "minimal" else level}
    return {"thinkingBudget": max(_BUDGETS[effort], _LEAST_BUDGET_OF_PRO if pro else 0)}


def _is_recent(model: str) -> bool:
    return _OLDER.match(model) is None


def _declarations(tools: Any) -> list[dict[str, Any]]:
    if not isinstance(tools, list):
        raise unsupported("tools", "`tools` must be a list.")
    return [_declaration(tool, f"tools[{number}]") for number, tool in enumerate(tools)]


def _declaration(tool: Any, path: str) -> dict[str, Any]:
    if not isinstance(tool, dict) or tool.get("type") != "function":
        raise unsupported(f"{path}.type", "The provider of this model takes tools of type `function` only.")
    function = tool.get("function")
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(name, str):
        raise unsupported(f"{path}.function.name", f"`{path}.function.name` must be a string.")
    declaration: dict[str, Any] = {"name": name}
    if isinstance(function.get("description"), str):
        declaration["description"] = function["description"]
    parameters = function.get("parameters")
    if isinstance(parameters, dict) and not _is_empty_object(parameters):
        declaration["parametersJsonSchema"] = parameters
    return declaration


def _is_empty_object(schema: dict[str, Any]) -> bool:
    # Gemini refuses an object that can have no property; a function that takes nothing has no schema there.
    return not (schema.get("properties") or schema.get("additionalProperties") or set(schema) - _OF_EMPTY_OBJECTS)


def _calling(choice: Any) -> dict[str, Any]:
    match choice:
        case "auto":
            return {"mode": "AUTO"}
        case "none":
            return {"mode": "NONE"}
        case "required":
            return {"mode": "ANY"}
        case {"type": "function", "function": {"name": str(name)}}:
            return {"mode": "ANY", "allowedFunctionNames": [name]}
        case {"type": "allowed_tools", "allowed_tools": {"mode": "auto" | "required" as mode, "tools": list(tools)}}:
            names = [_chosen(tool, f"tool_choice.allowed_tools.tools[{number}]") for number, tool in enumerate(tools)]
            return {"mode": "ANY" if mode == "required" else "VALIDATED", "allowedFunctionNames": names}
        case _:
            raise unsupported("tool_choice", "`tool_choice` must be auto, none, required or name functions.")


def _chosen(tool: Any, path: str) -> str:
    match tool:
        case {"type": "function", "function": {"name": str(name)}}:
            return name
        case _:
            raise unsupported(path, f"`{path}` must name a function.")
