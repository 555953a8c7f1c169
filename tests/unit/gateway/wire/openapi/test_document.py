import json
import re

import jsonschema_rs
import pytest

from omna import errors
from omna.errors import OmnaError
from omna.gateway.idempotency import LARGEST_ANSWER
from omna.gateway.wire.openapi.document import SCHEMAS, document
from omna.gateway.wire.openapi.operations import HEADERS, OPERATIONS, Operation

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def kinds(parent: type[OmnaError] = OmnaError) -> set[type[OmnaError]]:
    """Return the errors that /v1 raises: the others only group them."""
    children = [child for child in parent.__subclasses__() if child.__module__ == errors.__name__ and child.on_gateway]
    return {parent} if not children else set().union(*(kinds(child) for child in children))


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_one(name: str) -> None:
    jsonschema_rs.meta.validate({**SCHEMAS[name], "$schema": DIALECT})


def test_what_is_kept_for_an_idempotency_key_is_as_large_as_it_says() -> None:
    post = document()["paths"]["/v1/images/generations"]["post"]
    [parameter] = post["parameters"]
    assert f"above {LARGEST_ANSWER >> 20} MiB" in parameter["description"]


def test_every_reference_resolves_and_nothing_is_left_over() -> None:
    text = json.dumps(document())
    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) == set(SCHEMAS)
    assert set(re.findall(r'"#/components/headers/([\w-]+)"', text)) == set(HEADERS)


def test_every_error_is_the_answer_of_an_operation() -> None:
    documented = {kind for operation in OPERATIONS for kind in operation.failures}
    # No operation answers with these: they say that there is none.
    assert documented == kinds() - {errors.UnknownUrl, errors.MethodNotAllowed}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_codes_stand_under_their_status(operation: Operation) -> None:
    answers = document()["paths"][operation.path][operation.method]["responses"]
    for kind in operation.failures:
        answer = answers[str(kind.status)]
        [_, codes] = answer["content"]["application/json"]["schema"]["allOf"]
        assert kind.code in codes["properties"]["error"]["properties"]["code"]["enum"]
        assert f"`{kind.code}`" in answer["description"]
    assert set(answers) - {"200", "304"} == {str(kind.status) for kind in operation.failures}


def test_names_and_addresses_are_unique() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    assert len({(operation.path, operation.method) for operation in OPERATIONS}) == len(OPERATIONS)
