"""PURE  Schemas of an OpenAPI description, as tables a person can read."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tools.site.places import outside_code

_BOUNDS = (
    ("minimum", "≥ {}"),
    ("maximum", "≤ {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
)


def cell(text: str) -> str:
    """Return text that stands in one cell of a table, or in one paragraph, as it was meant."""
    line = re.sub(r"\s+", " ", text.replace("\n- ", " · ")).strip()
    return outside_code(line, lambda part: part.replace("<", "\\<")).replace("|", "\\|")


def type_of(schema: Mapping[str, Any]) -> str:
    """Return the type of a value in words; a named shape is a link to its section."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{anchor(name)})"
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _either(type_of(one) for one in schema[choice])
    if "allOf" in schema:
        return " and ".join(dict.fromkeys(type_of(one) for one in schema["allOf"]))
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return _either(_literal(value) for value in schema["enum"])
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        return _either(type_of({**schema, "type": one}) for one in kind)
    if kind == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict) and not schema.get("properties"):
        return f"object of {type_of(schema['additionalProperties'])}"
    if kind == "string" and schema.get("format") in {"date-time", "date", "binary", "uuid"}:
        return str(schema["format"])
    return str(kind)


def anchor(name: str) -> str:
    """Return where the section of a shape begins on its page."""
    return f"shape-{name.lower()}"


def reached(roots: Iterable[Any], shapes: Mapping[str, Mapping[str, Any]], without: Collection[str] = ()) -> list[str]:
    """Return the names of all shapes that the roots speak of, directly or through others, in order of their names."""
    found: set[str] = set()
    waiting: list[Any] = list(roots)
    while waiting:
        for name in re.findall(r"#/components/schemas/([\w.-]+)", json.dumps(waiting.pop())):
            if name not in found and name not in without:
                found.add(name)
                waiting.append(shapes[name])
    return sorted(found)


def shape_section(name: str, schema: Mapping[str, Any], known: Collection[str]) -> str:
    """Return the section of a named shape. Fields of objects inside it are named with a dot."""
    # An anchor of its own and no heading: hundreds of shapes would bury the endpoints in every list of contents.
    lines = [f"\n{{#{anchor(name)}}}\n**{name}**\n"]
    if schema.get("description"):
        lines.append(f"\n{cell(schema['description'])}\n")
    rows = list(_rows(schema, ""))
    if rows:
        lines.append("\n| field | type | what |\n|---|---|---|\n")
        lines += [f"| `{field}` | {kind} | {what} |\n" for field, kind, what in rows]
    else:
        lines.append(f"\n{type_of(schema)}\n")
    return _without_unknown("".join(lines), known)


def _rows(schema: Mapping[str, Any], before: str) -> Iterable[tuple[str, str, str]]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        notes = [cell(field["description"])] if field.get("description") else []
        notes += [text.format(field[bound]) for bound, text in _BOUNDS if bound in field]
        if field.get("default") is not None:
            notes.append(f"default {_literal(field['default'])}")
        if name not in required:
            notes.append("optional")
        yield before + name, type_of(field), "; ".join(note.rstrip(".") for note in notes)
        inner = field.get("items", field)
        if isinstance(inner, dict) and inner.get("properties"):
            yield from _rows(inner, f"{before}{name}{'[]' if inner is not field else ''}.")


def _either(kinds: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(kinds))


def _literal(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _without_unknown(text: str, known: Collection[str]) -> str:
    """Take the links to shapes away that are not on this page: errors have a page of their own."""
    return re.sub(r"\[(\w+)\]\(#[\w-]+\)", lambda link: link[0] if link[1] in known else f"`{link[1]}`", text)
