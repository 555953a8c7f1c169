"""PURE: the OpenAPI 3.1 document, put together from the table of operations and the schemas they name."""

from omna.gateway.wire.openapi import account, chat, common, failures, messages, responses, services
from omna.gateway.wire.openapi.failures import header_refs
from omna.gateway.wire.openapi.operations import HEADERS, OPERATIONS, Operation
from omna.gateway.wire.openapi.schema import Json, ref

_ABOUT = (
    "Every endpoint takes a key as `Authorization: Bearer omna_…` or as `x-api-key: omna_…`. Bodies may come with "
    "`content-encoding` gzip, deflate, br or zstd. An address that does not exist is 404 `unknown_url`, another method "
    "than the ones here 405 `method_not_allowed`; HEAD goes wherever GET goes, and OPTIONS everywhere."
)

#: Every schema by its name, in the order of the document.
SCHEMAS: dict[str, Json] = {
    **chat.SCHEMAS,
    **responses.SCHEMAS,
    **messages.SCHEMAS,
    **services.SCHEMAS,
    **account.SCHEMAS,
    **common.SCHEMAS,
    **failures.SCHEMAS,
}


def document() -> Json:
    """Return the description of all of /v1."""
    paths: Json = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Omna", "version": "1", "description": _ABOUT},
        "servers": [{"url": "http://localhost:5108"}],
        "security": [{"bearer": []}, {"x-api-key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
            "headers": HEADERS,
            "schemas": SCHEMAS,
        },
    }


def _operation(operation: Operation) -> Json:
    content: Json = {} if operation.answer is None else {"application/json": {"schema": ref(operation.answer)}}
    content |= {kind: {"schema": schema} for kind, schema in operation.others.items()}
    description = operation.summary
    if operation.event is not None:
        # OpenAPI 3.1 has no word for what a stream is made of: the schema of its events stands under a name of our own.
        content["text/event-stream"] = {"x-event-schema": ref(operation.event)}
        description += f" With `stream`, server-sent events: each `data`, but a last `[DONE]`, is a {operation.event}."
    success = {
        "description": description,
        "headers": header_refs((*operation.always, *operation.headers)),
        "content": content,
    }
    described: Json = {"operationId": operation.name, "summary": operation.summary}
    if operation.parameters:
        described["parameters"] = list(operation.parameters)
    if operation.request is not None:
        body = {operation.request_type: {"schema": ref(operation.request)}}
        described["requestBody"] = {"required": True, "content": body}
    described["responses"] = {"200": success}
    if operation.revalidates:
        described["responses"]["304"] = {
            "description": "What the client has is what there is.",
            "headers": header_refs((*operation.always, *operation.headers)),
        }
    described["responses"] |= failures.answers(operation.failures, operation.envelope, operation.always)
    return described
