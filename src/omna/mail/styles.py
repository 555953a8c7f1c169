"""PURE  The styles of mails, made from the tokens of the pages: mail programs know no variables."""

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
_LIGHT = re.compile(r"light-dark\(\s*([^,]+?)\s*,[^)]*\)")


def light_values(css: str) -> dict[str, str]:
    """Return every token of a style sheet with its value in the light scheme."""
    return {name: _LIGHT.sub(r"\1", value.strip()) for name, value in _TOKEN.findall(css)}


def styles(tokens: Mapping[str, str]) -> dict[str, str]:
    """Return the inline style of each part of a mail. Errors: KeyError for a token that is gone."""
    font = "-apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
    return {
        "page": f"margin:0;padding:32px 16px;background:{tokens['bg']};color:{tokens['text']};"
        f"font:400 15px/1.55 {font}",
        "card": f"max-width:560px;margin:0 auto;padding:32px;background:{tokens['surface']};"
        f"border:1px solid {tokens['line']};border-radius:{tokens['radius-card']}",
        "brand": f"margin:0 0 24px;font-weight:600;color:{tokens['text']}",
        "paragraph": "margin:0 0 16px",
        "facts": f"margin:0 0 16px;padding:12px 16px;list-style:none;background:{tokens['sunken']};"
        f"border-radius:{tokens['radius-control']}",
        "fact": "margin:0 0 4px",
        "quotation": f"margin:0 0 16px;padding:0 0 0 16px;border-left:3px solid {tokens['line']};"
        "overflow-wrap:anywhere",
        "action": "margin:24px 0 8px",
        "button": f"display:inline-block;padding:10px 20px;background:{tokens['accent-solid']};"
        f"color:{tokens['on-accent']};border-radius:{tokens['radius-control']};text-decoration:none;font-weight:600",
        "address": f"margin:0 0 24px;font-size:13px;color:{tokens['text-3']};word-break:break-all",
        "link": f"color:{tokens['accent']}",
        "footer": f"max-width:560px;margin:16px auto 0;font-size:13px;color:{tokens['text-3']}",
    }
