"""PURE  Why a rule found something, in the words of people, from the numbers it decided by."""

from collections.abc import Mapping
from typing import Any

from omna.money import format_credits
from omna.risk.rules.parameters import Kind


def because(kind: Kind, parameters: Mapping[str, Any], numbers: Mapping[str, Any]) -> tuple[str, str]:
    """Return the sentence in English and in Chinese. It names no person and no network."""
    match kind:
        case Kind.SPEND_VELOCITY:
            return _spend(parameters, numbers)
        case Kind.MODEL_MIX:
            return _mix(parameters, numbers)
        case Kind.SIGN_UP_VELOCITY:
            count, hours, most = numbers["accounts"], parameters["hours"], parameters["accounts"]
            return (
                f"{count} accounts came from one network within {hours} h (the rule: {most}).",
                f"{hours} 小时内同一网络注册了 {count} 个账户（规则：{most} 个）。",
            )
        case Kind.SHARED_PAYMENT_FINGERPRINT:
            count, days, most = numbers["accounts"], parameters["days"], parameters["accounts"]
            proof = str(numbers.get("marker", "")).startswith("proof:")
            means, means_zh = ("proof of payment", "付款凭证") if proof else ("card or account", "付款卡或账户")
            return (
                f"{count} accounts used one {means} within {days} days (the rule: {most}).",
                f"{days} 天内 {count} 个账户使用了同一{means_zh}（规则：{most} 个）。",
            )
        case Kind.FAILED_RECHARGES:
            count, days, most = numbers["count"], parameters["days"], parameters["count"]
            return (
                f"{count} recharges failed within {days} days (the rule: {most}).",
                f"{days} 天内有 {count} 笔充值未成功（规则：{most} 笔）。",
            )
        case Kind.FRAUD_WARNING:
            return (
                "The payer's bank warned that a payment may be fraud.",
                "付款方银行提示某笔付款可能存在欺诈。",
            )
        case Kind.CHARGEBACK_HISTORY:
            count, days, most = numbers["count"], parameters["days"], parameters["count"]
            return (
                f"{count} payments were disputed within {days} days (the rule: {most}).",
                f"{days} 天内有 {count} 笔付款被争议（规则：{most} 笔）。",
            )
        case Kind.FORBIDDEN_USE:
            note = str(numbers.get("note", ""))
            return f"Reported by staff: {note}", f"由员工举报：{note}"


def _spend(parameters: Mapping[str, Any], numbers: Mapping[str, Any]) -> tuple[str, str]:
    spent, hours = format_credits(numbers["spent"]), numbers["hours"]
    least, times = parameters["at_least"], parameters["times"]
    if times is None:
        return (
            f"{spent} Credits were spent in {hours} h (the rule: {least}).",
            f"{hours} 小时内消费 {spent} Credits（规则：{least}）。",
        )
    usual = format_credits(numbers["before"] * hours // max(numbers["history_days"] * 24, 1))
    return (
        f"{spent} Credits were spent in {hours} h, usually {usual} (the rule: {times} times that, at least {least}).",
        f"{hours} 小时内消费 {spent} Credits，平时约 {usual}（规则：{times} 倍且至少 {least}）。",
    )


def _mix(parameters: Mapping[str, Any], numbers: Mapping[str, Any]) -> tuple[str, str]:
    part = numbers["fresh"] * 100 // max(numbers["spent"], 1)
    spent, hours = format_credits(numbers["spent"]), numbers["hours"]
    share, least = parameters["share"], parameters["at_least"]
    english = f"{part} % of {spent} Credits in {hours} h went to models not used in the 30 days before"
    chinese = f"{hours} 小时内消费的 {spent} Credits 中，{part}% 用于此前 30 天未用过的模型"
    return (
        f"{english} (the rule: {share} % of at least {least}).",
        f"{chinese}（规则：至少 {least} 且达到 {share}%）。",
    )


#: What a customer reads whose workspace a rule froze. It says nothing that helps to stay below a rule.
TO_CUSTOMER = (
    "Unusual activity was noticed automatically; a person will look at it. Write to support."
    " 系统自动发现异常活动，将由人工核查，请联系客服。"
)
