"""PURE: token counts and cost as clients read them (docs/reference/usage.md)."""

from typing import Any

import msgspec

from omna.catalog.model import PriceVersion
from omna.gateway.model import Charge, Receipt, Tokens
from omna.ids import show
from omna.money import format_credits, format_decimal

#: Parts of a charge are exact in 10⁻⁶ nanocredits: fifteen decimals of a Credit.
_PART_DECIMALS = 15


def usage_body(receipt: Receipt) -> dict[str, Any]:
    """Return the `usage` object. `cost` is a JSON number with the digits of `cost_details.total`, never a float."""
    tokens = receipt.tokens
    details = cost_details(tokens, receipt.charge, receipt.price, receipt.estimated)
    return {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "total_tokens": tokens.prompt + tokens.completion,
        "prompt_tokens_details": {"cached_tokens": tokens.cached, "cache_write_tokens": tokens.cache_write},
        "completion_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "cost": msgspec.Raw(details["total"].encode()),
        "is_byok": False,
        "cost_details": details,
    }


def cost_details(tokens: Tokens, charge: Charge, price: PriceVersion, estimated: bool) -> dict[str, Any]:
    """Return how a charge came about: its exact parts, the price they were computed at, and whose count it was."""
    return {
        "total": format_credits(charge.total),
        "unit": "credit",
        "prompt": format_decimal(charge.prompt, _PART_DECIMALS),
        "cache_read": format_decimal(charge.cached, _PART_DECIMALS),
        "cache_write": format_decimal(charge.cache_write, _PART_DECIMALS),
        "completion": format_decimal(charge.completion, _PART_DECIMALS),
        "request": format_decimal(charge.request, _PART_DECIMALS),
        "price_version": show("pv", price.price_version_id),
        "usage_source": "gateway" if estimated else "provider",
        "estimated": estimated,
        "upstream_inference_cost": None,
    }
