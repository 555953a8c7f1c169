"""PURE: token counts and cost as clients read them (docs/reference/usage.md)."""

from typing import Any

import msgspec

from omna.catalog.model import PriceVersion
from omna.gateway.model import Charge, Receipt
from omna.ids import show
from omna.money import format_credits, format_decimal

#: Parts of a charge are exact in 10⁻⁶ nanocredits: fifteen decimals of a Credit.
_PART_DECIMALS = 15


def usage_body(receipt: Receipt) -> dict[str, Any]:
    """Return the `usage` object. `cost` is a JSON number with the digits of `cost_details.total`, never a float."""
    tokens = receipt.tokens
    details = cost_details(receipt.charge, receipt.price, receipt.estimated)
    prompt = {"cached_tokens": tokens.cached, "cache_write_tokens": tokens.cache_write}
    completion = {"reasoning_tokens": tokens.reasoning}
    if units := tokens.units:
        prompt |= _some(units, "prompt")
        completion |= _some(units, "completion")
    return {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "total_tokens": tokens.prompt + tokens.completion,
        "prompt_tokens_details": prompt,
        "completion_tokens_details": completion,
        "cost": msgspec.Raw(details["total"].encode()),
        "is_byok": False,
        "cost_details": details,
    }


def cost_details(charge: Charge, price: PriceVersion, estimated: bool) -> dict[str, Any]:
    """Return how a charge came about: its exact parts, the price they were computed at, and whose count it was."""
    return {
        "total": format_credits(charge.total),
        "unit": "credit",
        "prompt": _part(charge.prompt),
        "cache_read": _part(charge.cached),
        "cache_write": _part(charge.cache_write),
        "completion": _part(charge.completion),
        "audio": _part(charge.audio),
        "image": _part(charge.image),
        "request": _part(charge.request),
        "price_version": show("pv", price.price_version_id),
        "usage_source": "gateway" if estimated else "provider",
        "estimated": estimated,
        "upstream_inference_cost": None,
    }


def _part(amount: int) -> str:
    return format_decimal(amount, _PART_DECIMALS) if amount else "0"


def _some(units: dict[str, int], side: str) -> dict[str, int]:
    """Return the counters of sound and pictures of one side by their names in `usage`, as far as there are any."""
    return {
        f"{kind}_tokens": units[f"{kind}_{side}_tokens"]
        for kind in ("audio", "image")
        if f"{kind}_{side}_tokens" in units
    }
