"""The OpenAPI document as tests use it: to generate requests from, and to check every answer against."""

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs

from omna.gateway.wire.openapi.document import document

Json = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "patch", "head", "trace")


@cache
def closed() -> Json:
    """Return the document with answers that may hold no field but the ones it names."""
    described = document()
    asked = {
        content["schema"]["$ref"]
        for _, operation in _posts(described)
        for content in operation["requestBody"]["content"].values()
    }
    schemas = described["components"]["schemas"] = copy.deepcopy(described["components"]["schemas"])
    for name in set(schemas) - _reachable(schemas, {reference.rpartition("/")[2] for reference in asked}):
        _close(schemas[name])
    return described


def operations(described: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield path, method and operation."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def schemas_of(described: Json, operation: Json) -> Json:
    """Return the schemas that an operation is described with, by name."""
    schemas = described["components"]["schemas"]
    names = {reference.rpartition("/")[2] for reference in _references(operation)}
    return {name: schemas[name] for name in sorted(_reachable(schemas, names))}


def check_answer(path: str, method: str, status: int, content_type: str | None, body: bytes) -> None:
    """Assert that an answer is one the document knows: its status, its type, its body or every event of its stream.

    Bytes are whatever they are, as long as there are any.
    """
    operation = closed()["paths"][path][method]
    assert str(status) in operation["responses"], f"{status} is not documented"
    content = operation["responses"][str(status)].get("content")
    if content is None:
        assert body == b""
        return
    kind = (content_type or "").partition(";")[0]
    if kind not in content:
        kind = f"{kind.partition('/')[0]}/*"
    assert kind in content, f"{content_type} is not documented"
    match kind:
        case "application/json":
            check(content[kind]["schema"], json.loads(body))
        case "text/event-stream":
            for line in body.decode().split("\n"):
                if line.startswith("data: ") and line != "data: [DONE]":
                    check(content[kind]["x-event-schema"], json.loads(line.removeprefix("data: ")))
        case "text/plain":
            check(content[kind]["schema"], body.decode())
        case _:
            assert body


def check(schema: Json, value: Any) -> None:
    """Assert that a value is what a schema of the document says."""
    validator = _validator(json.dumps(schema))
    errors = [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)]
    assert not errors, (errors, value)


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    whole = json.loads(schema) | {"components": closed()["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def _posts(described: Json) -> Iterator[tuple[str, Json]]:
    for path, method, operation in operations(described):
        if method == "post":
            yield path, operation


def _reachable(schemas: Json, names: set[str]) -> set[str]:
    """Return the schemas that these are made of."""
    found: set[str] = set()
    while names:
        name = names.pop()
        found.add(name)
        names |= {reference.rpartition("/")[2] for reference in _references(schemas[name])} - found
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _close(node: Any) -> None:
    if isinstance(node, dict):
        if "properties" in node:
            node.setdefault("additionalProperties", False)
        for value in node.values():
            _close(value)
    elif isinstance(node, list):
        for value in node:
            _close(value)
