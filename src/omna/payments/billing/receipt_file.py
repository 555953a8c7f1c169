"""Receipts as PDF by Typst, in English or Chinese."""

import asyncio
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import typst

from omna.money import format_credits
from omna.payments.billing.model import Receipt
from omna.payments.recharges.quote import format_minor

_TEMPLATE = Path(__file__).with_name("receipt.typ")
#: PDFs made at once by a process: each takes a processor for a moment.
_MAKING = asyncio.Semaphore(2)
#: The first of these that the machine has writes Chinese; Latin text is always written by Typst's own font.
_CHINESE_FONTS = (
    "Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC", "Songti SC", "SimSun",
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei",
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback",
)  # fmt: skip
_LATIN_FONT = "Libertinus Serif"

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Receipt",
        "number": "Number",
        "date": "Date",
        "operator": "Issued by",
        "workspace": "Workspace",
        "billed_to": "Billed to",
        "tax_id": "Tax ID",
        "method": "Paid by",
        "reference": "Payment reference",
        "what": "Description",
        "amount": "Amount",
        "bonus": "{amount} promo Credits, given with them",
        "fee": "Processing fee",
        "total": "Total",
        "received": "Received on {date}",
        "refunds": "Refunds",
        "refunded": "{amount} Credits given back, {date}",
        "refund_sent": "{amount} Credits to be given back, {date}",
        "converted": "{amount} Credits kept instead of a refund, {date}",
        "reversed": "This payment was taken back: its Credits were taken back, too.",
        "card": "Card or online payment",
        "sandbox": "Sandbox, no real payment",
        "unit": "One Credit is US${rate}. Credits are prepaid usage, not money, not a deposit and not a security.",
        "test": "TEST MODE",
        "test_note": "Test mode: no money was paid.",
    },
    "zh": {
        "title": "收据",
        "number": "编号",
        "date": "日期",
        "operator": "开具方",
        "workspace": "工作区",
        "billed_to": "付款方",
        "tax_id": "税号",
        "method": "支付方式",
        "reference": "付款参考号",
        "what": "项目",
        "amount": "金额",
        "bonus": "随附赠送 {amount} Credits",
        "fee": "手续费",
        "total": "合计",
        "received": "{date} 收到",
        "refunds": "退款",
        "refunded": "已退回 {amount} Credits，{date}",
        "refund_sent": "正在退回 {amount} Credits，{date}",
        "converted": "{amount} Credits 保留为 Credits，未退款，{date}",
        "reversed": "这笔付款已被撤回，相应的 Credits 也已扣回。",
        "card": "银行卡或在线支付",
        "sandbox": "沙盒，并非真实付款",
        "unit": "1 Credit 等于 {rate} 美元。Credits 是预付用量，不是货币、存款或证券。",
        "test": "测试模式",
        "test_note": "测试模式：没有真实付款。",
    },
}


async def receipt_pdf(receipt: Receipt, operator: str, usd_per_credit: str, language: str) -> bytes:
    """Return a receipt as PDF; in English, whatever is asked for, where no font can write Chinese."""
    async with _MAKING:
        return await asyncio.to_thread(_make, receipt, operator, usd_per_credit, language)


def _make(receipt: Receipt, operator: str, usd_per_credit: str, language: str) -> bytes:
    font = chinese_font()
    data = said(receipt, operator, usd_per_credit, language if font else "en")
    data["fonts"] = [_LATIN_FONT, font] if font else [_LATIN_FONT]
    made = typst.compile(_TEMPLATE, sys_inputs={"data": msgspec.json.encode(data).decode()})
    assert isinstance(made, bytes), "one PDF is one file"
    return made


@cache
def chinese_font() -> str | None:
    """Return the font of this machine that writes Chinese, if there is one. A font added later needs a restart."""
    families = set(typst.Fonts().families())
    return next((name for name in _CHINESE_FONTS if name in families), None)


def said(receipt: Receipt, operator: str, usd_per_credit: str, language: str) -> dict[str, Any]:
    """Return what stands on a receipt, as text in a language."""
    text = _TEXTS[language]
    lines = [(f"{_credits(receipt.credits)} Credits", format_minor(receipt.price_minor, receipt.currency))]
    if receipt.bonus:
        lines += [(text["bonus"].format(amount=_credits(receipt.bonus)), format_minor(0, receipt.currency))]
    if receipt.fee_minor:
        lines += [(text["fee"], format_minor(receipt.fee_minor, receipt.currency))]
    return {
        "language": language,
        "title": text["title"],
        "test": text["test"] if receipt.test_mode else "",
        "issuer": operator,
        "facts": [
            (text["number"], receipt.reference),
            (text["date"], f"{receipt.credited_at:%Y-%m-%d}"),
            *([(text["operator"], operator)] if operator else []),
            (text["workspace"], receipt.workspace_name),
            (text["method"], _method(receipt, text)),
            *([(text["reference"], receipt.payer_reference)] if receipt.payer_reference else []),
        ],
        "billed_to": {
            "label": text["billed_to"],
            "lines": [line for line in [receipt.billed_to.name, *receipt.billed_to.address.splitlines()] if line],
            "tax_id": f"{text['tax_id']} {receipt.billed_to.tax_id}" if receipt.billed_to.tax_id else "",
        },
        "heads": [text["what"], text["amount"]],
        "lines": lines,
        "total": (text["total"], format_minor(receipt.total_minor, receipt.currency)),
        "payments": [
            (text["received"].format(date=f"{one.received_at:%Y-%m-%d}"), format_minor(one.amount_minor, one.currency))
            for one in receipt.payments
        ],
        "refunds": {
            "label": text["refunds"],
            "lines": [
                (
                    text[_REFUNDS[one.state]].format(amount=_credits(one.credits), date=f"{one.at:%Y-%m-%d}"),
                    "" if one.amount_minor is None else f"−{format_minor(one.amount_minor, one.currency)}",
                )
                for one in receipt.refunds
            ],
        },
        "notes": [
            *([text["reversed"]] if receipt.reversed else []),
            *([text["test_note"]] if receipt.test_mode else []),
            text["unit"].format(rate=usd_per_credit),
        ],
    }


_REFUNDS = {"approved": "refund_sent", "sent": "refund_sent", "paid": "refunded", "converted": "converted"}


def _method(receipt: Receipt, text: Mapping[str, str]) -> str:
    match receipt.processor:
        case None:
            return receipt.method
        case "sandbox":
            return text["sandbox"]
        case _:
            return text["card"]


def _credits(amount: int) -> str:
    """Return an amount with every digit and at least two decimals."""
    whole, _, fraction = format_credits(amount).partition(".")
    return f"{int(whole):,}.{fraction.ljust(2, '0')}"
