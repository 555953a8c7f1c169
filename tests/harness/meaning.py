"""Values of fields that mean something where a body is sent, and where chance would never find one."""

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

#: Beyond what columns hold.
_HUGE = (2**31, 2**63)
_AMOUNTS = ("25", "5", "0", "-1", "12.123456789")
_PRICES = ("2", "2.5")
_TYPED = ("25.00", "0")
_SOON = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT00:00:00Z}"
_LATER, _LONG_AGO = "2998-01-01T00:00:00Z", "2001-01-01T00:00:00Z"
_PLACES = ("https://api.example.com/v1", "http://127.0.0.1:9/v1", "https://[fe80::1]/v1", "https://a b/")
LIST = json.dumps({
    "data": [{"id": "listed", "name": "Listed", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}]
})  # fmt: skip

_ANYWHERE: Mapping[str, tuple[Any, ...]] = {
    "reason": ("It is so.", "因为", "one\ntwo"), "email": ("ann@example.com",), "payer_reference": ("BANK-1", "x"), "payout_reference": ("BANK-2",),
    "amount_typed": _TYPED, "amount_minor_typed": _TYPED, "credits": _AMOUNTS, "threshold": _AMOUNTS,
    "monthly_ceiling": _AMOUNTS, "message": ("one", " "), "question": ("one", " "), "instructions": ("IBAN: 1",),
    "text_en": ("Hello", " "), "text_zh": ("你好", " "), "starts_at": (_LONG_AGO, _LATER), "ends_at": (_LATER, _LONG_AGO),
    "until": (_LATER, _LONG_AGO, "soon"), "retires_at": (_LATER, _LONG_AGO), "effective_from": (_SOON, _LATER),
    "expires_on": ("2030-01-01", "2001-01-01"), "limit_to": ("5", "0", "1e3"), "daily": ("1000", "-1"), "monthly": ("1000", "x"),
    "cooldown_hours": (24, 0, 1, *_HUGE), "new_accounts_days": (30, 1, *_HUGE), "days": (7,), "priority": (0, 1, 3, *_HUGE),
    "weight": (1, 3, 100, *_HUGE), "max_in_flight": (10, 1, *_HUGE), "expected_version": (1, 2, 2**63), "note": ("Welcome", " "),
    "max_running": (5, 1, *_HUGE), "position": (1, 2, *_HUGE), "currency": ("usd", "eur", "no"), "usual_hours": (24, 0), "daily_limit": _AMOUNTS, "endpoints": (["chat"], ["none"]), "upstream_model": ("other", "ok", "third"), "url": _PLACES,
    "base_url": _PLACES, "api_key": ("sk-1", "a b"), "content": (LIST, "{}"), "match": ("*", "listed*", ""),
    "recipients": (["ops@example.com"], ["x"], []), "markup": ("10", "0.5"), "chosen": (["listed"], ["none"]),
    "from": ("2026-01-01", "2026-13"), "to": (_LATER, "x"),
    "changes": ({"errors_percent": "40"}, {"spend_floor": "1e9"}, {"errors_stop": "true"}, {"cap_warning": "100"}),
}  # fmt: skip
_RATES = (
    "prompt", "completion", "cached", "cache_write", "reasoning", "request", "audio_prompt", "audio_completion",
    "image_prompt", "image_completion", "image", "second", "character",
)  # fmt: skip


#: What may be left out where something else says as much, of which there is nothing here.
_NEEDED = {"workspace", "content"}


def tell(described: Json, operation: Json, names: Mapping[str, str], path: str, *, right: bool) -> None:
    """Let fields of an operation's body have values that mean something here. Changes both descriptions.

    names   what there is, as addresses name it
    right   only values that are right: of many fields that may be wrong one is, and an act is never reached
    """
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    if not schema:
        return
    known = _known(names, path)
    # Copies of everything the body is made of, as answers may be made of the same.
    content = copy.deepcopy(described["components"]["schemas"])
    body = _inlined(content[schema], content)
    _tell(body, {field: values[:1] for field, values in known.items()} if right else known, null=not right)
    described["components"] = {"schemas": described["components"]["schemas"] | {schema: body}}


def _known(names: Mapping[str, str], path: str) -> dict[str, tuple[Any, ...]]:
    known = dict(_ANYWHERE) | dict.fromkeys(_RATES, _PRICES) | {"completion": ("8", "9")}
    places = {
        "recharge_id": "other_recharge", "of": "other_recharge", "upload_id": "upload", "method_id": "method",
        "member": "member", "assignee": "staff", "workspace": "workspace", "user": "user", "provider": "provider",
        "version": "version", "replaces": "version", "digest": "digest", "alias": "alias",
    }  # fmt: skip
    known |= {field: (names[name],) for field, name in places.items() if name in names}
    known["code"] = (names.get("promo_code", "WELCOME"),)
    known["successor"] = (None, names.get("model", ""), "none")
    if "/stops" in path:
        known["scope"] = known["typed"] = (f"model:{names['model']}", "model:none", f"provider:{names['provider']}")
    if "/risk/rules" in path:
        known |= {"kind": ("spend_velocity",), "parameters": (json.loads(names["parameters"]), {}), "name": ("Rule",)}
    if path.endswith("/prices"):
        known |= dict.fromkeys(_RATES, ("2",)) | {"prompt": ("3", "2.5", "999999999999"), "completion": ("8",)}
        typed = dict.fromkeys(_RATES, "2") | {"prompt": "3", "completion": "8"}
        known["typed"] = (typed, typed | {"prompt": "2.5"}, {})
    if path.endswith(("/credits", "/credits/preview")):
        known |= {"request": (None,), "kind": ("promo", "adjustment")}
    if path.endswith("/price-lists"):
        known |= {"content": (LIST,), "markup": ("10",), "match": ("*",), "free": (False,)}
    if path.endswith("/models/{model}"):
        known |= {"name": ("Named", " "), "context_length": (8000, *_HUGE), "input_modalities": (["text"], ["smell"])}
        known |= {"output_modalities": (["text"], []), "supported_parameters": (["seed"], ["a b"])}
        known |= {"dropped_parameters": (["top_k"],)}
    if path.endswith(("/transfer", "/deletion")):
        known["name"] = ("Team", "team")
    if path.endswith("/payment-methods"):
        known["name"] = ("Bank", "Bank 2", " ")
    if path.endswith("/providers"):
        known["name"] = (f"new-{names['user'][-8:].lower()}", "Two words")
    return known


def _inlined(node: Any, schemas: Json) -> Any:
    """Return a schema that refers to no other."""
    if isinstance(node, list):
        return [_inlined(value, schemas) for value in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(schemas[node["$ref"].rpartition("/")[2]], schemas)
    return {name: _inlined(value, schemas) for name, value in node.items()}


def _tell(node: Any, known: Mapping[str, tuple[Any, ...]], *, null: bool) -> None:
    if isinstance(node, list):
        for value in node:
            _tell(value, known, null=null)
    if not isinstance(node, dict):
        return
    if needed := _NEEDED & node.get("properties", {}).keys():
        node["required"] = sorted({*node.get("required", ()), *needed})
    for name, field in node.get("properties", {}).items():
        if name in known and "const" not in str(field):
            empty = [None] if null and {"type": "null"} in field.get("anyOf", ()) and name not in _NEEDED else []
            node["properties"][name] = {"enum": [*known[name], *empty]}
        else:
            _tell(field, known, null=null)
    for value in (node.get("anyOf"), node.get("items")):
        _tell(value, known, null=null)
