"""PURE: fields that mean the same in every dialect's body."""

from typing import Any

from omna.errors import InvalidValue, MissingRequiredParameter

#: Output tokens nobody can mean: larger numbers would leave the range the database computes in.
LARGEST_MAX_TOKENS = 10_000_000
LARGEST_N = 128


def whole_number(body: dict[str, Any], name: str, largest: int) -> int | None:
    """Return a number from 1 to `largest`, None without one. Errors: InvalidValue."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= largest:
        raise InvalidValue(f"`{name}` must be a whole number from 1 to {largest:,}.", param=name)
    return value


def flag(body: dict[str, Any], name: str) -> bool:
    """Return whether a field is true; absent and null are false. Errors: InvalidValue."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidValue(f"`{name}` must be true or false.", param=name)
    return value is True


def required_string(holder: dict[str, Any], name: str, path: str) -> str:
    """Return a text inside the object at `path`. Errors: MissingRequiredParameter, InvalidValue."""
    value = optional_string(holder, name, path)
    if value is None:
        raise MissingRequiredParameter(f"`{path}.{name}` is missing.", param=f"{path}.{name}")
    return value


def optional_string(holder: dict[str, Any], name: str, path: str = "") -> str | None:
    """Return a text inside the object at `path`, of the body itself without one; None without a text.

    Errors  InvalidValue
    """
    value = holder.get(name)
    if value is not None and not isinstance(value, str):
        field = f"{path}.{name}" if path else name
        raise InvalidValue(f"`{field}` must be a string.", param=field)
    return value


def check_stream(body: dict[str, Any]) -> None:
    """Refuse bad `stream` and `stream_options` of OpenAI's dialects. Errors: InvalidValue."""
    flag(body, "stream")
    options = body.get("stream_options")
    if options is not None:
        if not isinstance(options, dict):
            raise InvalidValue("`stream_options` must be an object.", param="stream_options")
        include = options.get("include_usage")
        if include is not None and not isinstance(include, bool):
            raise InvalidValue(
                "`stream_options.include_usage` must be true or false.", param="stream_options.include_usage"
            )
