"""PURE: the words of JSON Schema that the description is written in."""

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]

STRING: Json = {"type": "string"}
INTEGER: Json = {"type": "integer"}
COUNT: Json = {"type": "integer", "minimum": 0}
NUMBER: Json = {"type": "number"}
FLAG: Json = {"type": "boolean"}
NULL: Json = {"type": "null"}
#: Any object, any value: what is passed on as it is.
OBJECT: Json = {"type": "object"}
ANYTHING: Json = {}
#: An amount of Credits, exact: at most nine decimals and no trailing zeros.
CREDITS: Json = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]{0,8}[1-9])?$"}
#: A unit price or a part of a cost, exact: as many decimals as it takes.
EXACT: Json = {"type": "string", "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$"}
MOMENT: Json = {"type": "string", "format": "date-time"}


def ref(name: str) -> Json:
    """Return the schema of that name among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def obj(properties: Json, required: Iterable[str] | None = None, **more: Any) -> Json:
    """Return an object: every property is required unless `required` names those that are."""
    names = list(properties if required is None else required)
    return {"type": "object", "properties": properties, **({"required": names} if names else {}), **more}


def array(items: Json, **more: Any) -> Json:
    return {"type": "array", "items": items, **more}


def one_of(*values: Any) -> Json:
    """Return exactly these values."""
    return {"const": values[0]} if len(values) == 1 else {"enum": list(values)}


def any_of(*schemas: Json) -> Json:
    return {"anyOf": list(schemas)}


def or_null(schema: Json) -> Json:
    """Return the schema, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema and "const" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    return any_of(schema, NULL)


def said(schema: Json, description: str) -> Json:
    """Return the schema with a sentence about it."""
    return {**schema, "description": description}
