"""A receipt says what was paid, by whom, and what became of it; as text in the PDF, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from omna.payments.billing import receipt_file
from omna.payments.billing.model import BillingDetails, Payment, Receipt, Refunded
from omna.payments.billing.receipt_file import receipt_pdf
from tests.harness.papers import text_of

DAY = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
RECEIPT = Receipt(
    reference="OM-7K3QF9",
    credited_at=DAY,
    workspace_name="Lab #[x] & Söhne",
    billed_to=BillingDetails("Acme GmbH", "Main St 1\n10115 Berlin", "DE123456789"),
    method="Bank transfer",
    processor=None,
    payer_reference="ACME42",
    test_mode=False,
    reversed=False,
    credits=100 * 10**9,
    bonus=5 * 10**9,
    price_minor=10000,
    fee_minor=290,
    currency="usd",
    payments=[Payment(DAY, 10290, "usd")],
    refunds=[],
)


async def shown(receipt: Receipt, language: str = "en") -> str:
    return text_of(await receipt_pdf(receipt, "Omna Ltd", "1", language))


async def test_receipt_says_what_was_paid_and_by_whom() -> None:
    text = await shown(RECEIPT)
    for part in (
        "Receipt", "OM-7K3QF9", "2026-03-04", "Issued by Omna Ltd", "Lab #[x] & Söhne", "Acme GmbH", "Main St 1",
        "10115 Berlin", "Tax ID DE123456789", "Bank transfer", "ACME42", "100.00 Credits", "100.00 USD",
        "5.00 promo Credits", "0.00 USD", "Processing fee", "2.90 USD", "Total", "102.90 USD", "Received on 2026-03-04",
        "One Credit is US$1.",
    ):  # fmt: skip
        assert part in text, part
    for part in ("Refunds", "TEST MODE", "taken back", "Sandbox"):
        assert part not in text, part


async def test_receipt_in_test_mode_cannot_be_mistaken() -> None:
    text = await shown(replace(RECEIPT, test_mode=True, processor="sandbox", method=""))
    assert "TEST MODE" in text
    assert "no money was paid" in text
    assert "Sandbox, no real payment" in text


async def test_receipt_lists_what_came_back() -> None:
    refunds = [
        Refunded("paid", 20 * 10**9, 2000, "usd", DAY),
        Refunded("sent", 10 * 10**9, 1000, "usd", DAY),
        Refunded("converted", 3 * 10**9, None, "usd", DAY),
    ]
    text = await shown(replace(RECEIPT, refunds=refunds, reversed=True))
    assert "20.00 Credits given back, 2026-03-04 −20.00 USD" in text
    assert "10.00 Credits to be given back" in text
    assert "3.00 Credits kept instead of a refund" in text
    assert "This payment was taken back" in text


async def test_receipt_without_billing_details_names_the_workspace_alone() -> None:
    text = await shown(replace(RECEIPT, billed_to=BillingDetails()))
    assert "Billed to" not in text
    assert "Tax ID" not in text
    assert "Lab #[x] & Söhne" in text


@pytest.mark.skipif(receipt_file.chinese_font() is None, reason="no Chinese font here")
async def test_receipt_in_chinese() -> None:
    receipt = replace(
        RECEIPT, workspace_name="实验室", billed_to=BillingDetails("北京某某科技有限公司"), method="银行转账"
    )
    text = (await shown(receipt, "zh")).replace(" ", "")
    for part in (
        "收据",
        "编号",
        "OM-7K3QF9",
        "实验室",
        "北京某某科技有限公司",
        "银行转账",
        "手续费",
        "合计",
        "102.90USD",
    ):
        assert part in text, part


async def test_without_a_chinese_font_the_receipt_is_in_english(monkeypatch: Any) -> None:
    monkeypatch.setattr(receipt_file, "chinese_font", lambda: None)
    assert "Receipt" in await shown(RECEIPT, "zh")


def test_both_languages_say_the_same() -> None:
    english, chinese = receipt_file._TEXTS["en"], receipt_file._TEXTS["zh"]
    assert english.keys() == chinese.keys()
    assert [name for name in english if english[name] == chinese[name]] == []
