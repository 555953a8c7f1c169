"""Write the pages of docs/reference that are made from code: `python -m tools.reference`.

A test fails when a page and the code differ, so a new setting, error, metric or endpoint cannot stay undocumented.
"""

import ast
import dataclasses
import inspect
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from omna import config
from omna.api import create_api
from omna.config import Settings
from omna.gateway.wire.openapi.document import document
from omna.observability.installation import InstallationGauges
from omna.observability.metrics import Metrics
from omna.website.error_list import errors
from tools.command_line import commands_page

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"

SETTINGS_HEAD = """\
# Settings

A setting `group.field` is the environment variable `OMNA_GROUP_FIELD`, or `field` under `[group]` in a TOML file:
the one that `OMNA_CONFIG` names, else `omna.toml` in the data directory. The environment wins. An unknown name in the
file is an error, so a misspelt setting is never silently ignored.

`OMNA_DATA` is the data directory: the embedded database, the local journal and the master key. Its default is
`$XDG_DATA_HOME/omna`, or `~/.local/share/omna`.
"""

ERRORS_HEAD = """\
# Errors

Every failure under `/v1` has a stable `code` and OpenAI's shape, below `/v1/messages` [Anthropic's](messages.md#errors):

```json
{"error": {"message": "…", "type": "…", "param": null, "code": "insufficient_credits", "metadata": {}}}
```

Under `/api` the codes are the same and the shape is ours:

```json
{"error": {"code": "invalid_value", "message": "…", "request_id": "req_…", "field": "name", "fields": [],
           "limit": null, "retry_after": null, "details": {}}}
```

`code` is the contract: it is never renamed. `message` says what happened and what to do, and may change. Quote the
`x-request-id` of the answer when you ask for help.

What to do: **4xx** is yours to fix, and sending the same thing again gives the same answer. **402** needs Credits or a
higher limit; `metadata` says how much is needed and when a limit resets. **429** says in `retry-after` when the next
request will be admitted. **5xx** is the operator's or the provider's, and nothing was charged unless output had been
delivered. The official SDKs repeat 408, 409, 429 and 5xx by themselves, except where the last column says `no`.

| code | status | type | message | worth a retry |
|---|---|---|---|---|
"""

ERRORS_TAIL = """
## Provider failures

Before the first output of an answer, at most one other attempt is made, on the next route where there is one; a role,
or the start of a message, is no output yet. What the client sees when that fails too:

| the provider | the client |
|---|---|
| cannot be reached, resets, answers 5xx, HTML or garbage, or 200 with an error | 502 `provider_error` |
| refuses the operator's credential or account (401, 402, 403) | 502 `provider_error` or 503 `provider_unavailable`, never 401, 402 or 403 |
| is limited (429) | 429 `rate_limit_exceeded`, `limit_name` `provider_rate`, with its hint up to 60 s |
| is overloaded (503, 529) | 503 `provider_overloaded` |
| refuses the request itself (400, 413, 422, context length, content filter) | the same status with its reason; no other attempt |
| does not know the model (404) | 404 `model_not_found` |
| sends nothing, or nothing more, in time | 504 `timeout` |

After the first output there is never another attempt: the stream ends with an [error event](streaming.md), and what was
delivered [is charged](../concepts/billing.md).
"""

METRICS_HEAD = """\
# Metrics

Prometheus reads them at `/metrics` on ports of their own, never on the public one. What to watch, and why:
[observability](../operations/observability.md).

## Of a gateway

On `OMNA_SERVER_METRICS_PORT`. The numbers of all its processes are added up; those of several gateways are yours to add.

| metric | kind | labels | what |
|---|---|---|---|
"""

METRICS_WORKER = """
## Of a worker

On `OMNA_SERVER_WORKER_METRICS_PORT`: what is true of the whole installation, read from the database every 15 seconds. Every
worker says the same, so take the maximum of several and never the sum. `omna_process_*` are there too, of the worker itself.

| metric | kind | labels | what |
|---|---|---|---|
"""


def settings_page() -> str:
    """Return docs/reference/settings.md."""
    parts = [SETTINGS_HEAD]
    sentences = dict(_field_docstrings(config))
    for group in dataclasses.fields(config.Settings):
        if not dataclasses.is_dataclass(group.type):
            continue
        parts.append(f"\n## {group.name}\n\n| variable | default | what |\n|---|---|---|\n")
        for option in dataclasses.fields(group.type):
            default = "empty" if option.default == "" else f"`{option.default}`"
            sentence = sentences[getattr(group.type, "__name__", ""), option.name]
            parts.append(f"| `{config.variable_name(group.name, option.name)}` | {default} | {sentence} |\n")
    return "".join(parts)


def errors_page() -> str:
    """Return docs/reference/errors.md."""
    rows = [
        f"| `{one.code}` | {one.status} | `{one.type}` | {one.message.replace('|', chr(92) + '|')} |"
        f" {'yes' if one.helps else 'no'} |\n"
        for one in errors()
    ]
    return ERRORS_HEAD + "".join(rows) + ERRORS_TAIL


def metrics_page() -> str:
    """Return docs/reference/metrics.md."""
    metrics = Metrics()
    own = [one for one in (*vars(metrics).values(), *vars(metrics.process).values()) if hasattr(one, "_labelnames")]
    return METRICS_HEAD + _metric_rows(own) + METRICS_WORKER + _metric_rows(InstallationGauges().all)


def _metric_rows(metrics: Iterable[Any]) -> str:
    rows = []
    for metric in metrics:
        labels = ", ".join(f"`{name}`" for name in metric._labelnames) or "–"
        name = metric._name + ("_total" if metric._type == "counter" else "")
        rows.append(f"| `{name}` | {metric._type} | {labels} | {metric._documentation} |\n")
    return "".join(rows)


def openapi_page() -> str:
    """Return docs/reference/openapi.json."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def api_page() -> str:
    """Return docs/reference/api.json: /api as OpenAPI, from which the types of the web app are made."""
    described = create_api(Settings(data=REFERENCE)).openapi()
    return json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


PAGES = {
    "settings.md": settings_page,
    "errors.md": errors_page,
    "metrics.md": metrics_page,
    "commands.md": commands_page,
    "openapi.json": openapi_page,
    "api.json": api_page,
}


def _field_docstrings(module: object) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield ((class, field), sentence) for every field that is followed by a string."""
    tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for field, text in zip(node.body, node.body[1:], strict=False):
                match field, text:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(sentence))):
                        yield (node.name, name), " ".join(sentence.split())


def main() -> None:
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), "utf-8")
        print(f"docs/reference/{name}")


if __name__ == "__main__":
    main()
