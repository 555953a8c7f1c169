"""PURE  What an alert says, in the reader's language.

A kind that is not here is told in the English words of whoever raised it, and so is one whose facts do not fill its
sentence.
"""

from collections.abc import Mapping
from typing import Any

#: kind → language → sentence over the alert's facts and its `subject`.
SENTENCES: Mapping[str, Mapping[str, str]] = {
    "alerts.webhook_failing": {
        "en": "The webhook for alerts does not take deliveries: {error}",
        "zh": "告警 Webhook 未接收投递：{error}",
    },
    "provider.cap": {
        "en": "Provider {subject} has used {percent} % of its cap of this day",
        "zh": "供应商 {subject} 已用去今日上限的 {percent}%",
    },
    "provider.monthly_cap": {
        "en": "Provider {subject} has used {percent} % of its cap of this month",
        "zh": "供应商 {subject} 已用去本月上限的 {percent}%",
    },
    "model.cap": {
        "en": "Model {subject} has used {percent} % of its cap of this day",
        "zh": "模型 {subject} 已用去今日上限的 {percent}%",
    },
    "provider.report_differs": {
        "en": "Provider {subject} reports {reported} Credits for {day}, {recorded} were recorded",
        "zh": "供应商 {subject} 报告 {day} 花费 {reported} Credits，记录为 {recorded}",
    },
    "provider.report_late": {
        "en": "The cost that provider {subject} reports for {day} could not be compared",
        "zh": "供应商 {subject} 报告的 {day} 费用无法核对",
    },
    "provider.errors": {
        "en": "Provider {subject} fails: {failures} of {calls} calls in {minutes} minutes ({percent} %)",
        "zh": "供应商 {subject} 出错：{minutes} 分钟内 {calls} 次调用中有 {failures} 次失败（{percent}%）",
    },
    "model.errors": {
        "en": "{model} at {provider} fails: {failures} of {calls} calls in {minutes} minutes ({percent} %)",
        "zh": "{provider} 的 {model} 出错：{minutes} 分钟内 {calls} 次调用中有 {failures} 次失败（{percent}%）",
    },
    "spend.unusual": {
        "en": "All providers together cost {amount} Credits in {minutes} minutes; usual are {usual}",
        "zh": "所有供应商在 {minutes} 分钟内共花费 {amount} Credits，平时为 {usual}",
    },
    "provider.spend": {
        "en": "Provider {subject} cost {amount} Credits in {minutes} minutes; usual are {usual}",
        "zh": "供应商 {subject} 在 {minutes} 分钟内花费 {amount} Credits，平时为 {usual}",
    },
    "model.margin": {
        "en": "{subject} cost {cost} Credits in {hours} hours and brought {brought}",
        "zh": "{subject} 在 {hours} 小时内成本为 {cost} Credits，收入为 {brought}",
    },
    "model.below_cost": {
        "en": "{subject} is sold below cost at {provider}: {class} at {price} Credits, costs {cost}",
        "zh": "{subject} 在 {provider} 低于成本出售：{class} 售价 {price} Credits，成本 {cost}",
    },
    "debts.grown": {
        "en": "Customers owe {grown} Credits more than at the beginning of the day",
        "zh": "客户欠款比今日开始时增加了 {grown} Credits",
    },
    "mail.stuck": {
        "en": "{late} mails have waited for an hour or more",
        "zh": "有 {late} 封邮件已等待一小时以上",
    },
    "jobs.overdue": {
        "en": "No worker has run the job {subject}, which was due {minutes} minutes ago",
        "zh": "没有 worker 执行任务 {subject}，已逾期 {minutes} 分钟",
    },
    "clock.skewed": {
        "en": "The clock of {subject} differs from the database's by {milliseconds} ms",
        "zh": "{subject} 的时钟与数据库相差 {milliseconds} 毫秒",
    },
    "payments.refused": {
        "en": "{count} deliveries of {subject} were turned away today: is its secret the right one?",
        "zh": "今天拒绝了 {subject} 的 {count} 次投递：请检查其密钥是否正确",
    },
    "payments.differ": {
        "en": "Payments differ from the list of {subject}: {missing} not credited here, {unknown} not known there",
        "zh": "付款与 {subject} 的列表不一致：{missing} 笔此处未入账，{unknown} 笔对方没有记录",
    },
    "ledger.broken": {
        "en": "The books do not add up: {invariant} at {where}",
        "zh": "账本不平：{where} 违反 {invariant}",
    },
    "audit.broken": {
        "en": "The audit log is broken at row {first_row}",
        "zh": "审计日志在第 {first_row} 行被破坏",
    },
}

SEVERITIES: Mapping[str, Mapping[str, str]] = {
    "en": {"info": "Note", "warning": "Warning", "critical": "Critical"},
    "zh": {"info": "提示", "warning": "警告", "critical": "严重"},
}


def headline(kind: str, subject: str, facts: Mapping[str, Any], message: str, language: str) -> str:
    """Return the one sentence of an alert."""
    sentence = SENTENCES.get(kind, {}).get(language)
    if sentence is None:
        return message
    try:
        return sentence.format_map({**facts, "subject": subject})
    except (KeyError, ValueError, IndexError):
        return message


def fact_lines(facts: Mapping[str, Any]) -> list[str]:
    """Return facts as lines for a mail."""
    return [f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in facts.items() if value is not None]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
