"""What the operator states in public stands as text on the pages that are its home, in both languages, without a script."""

import html
import re

import pytest

from tests.unit.website.test_routes import call

#: A fact, a page that is its home, and phrases of it in English and in Chinese.
FACTS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("F1", "/",
     ("model access, API keys, usage tracking, Credits billing and risk controls", "teams and builders"),
     ("模型访问、API 密钥、用量记录、Credits 计费与风险控制", "团队和开发者")),
    ("F2", "/",
     ("bought once and spent across all enabled models", "Every change of the balance is a line in the ledger"),
     ("一次购买，可用于所有已启用的模型", "余额的每一次变动都是账本里的一行")),
    ("F2", "/faq", ("bought once and spent across all enabled models", "every change of it is in the ledger"),
     ("一次购买，可用于所有已启用的模型", "每一次变动都在账本里")),
    ("F3", "/",
     ("curl http://localhost:5108/v1/chat/completions", "Bearer omna_", "openrouter-free", "Plan my AI workflow"),
     ("curl http://localhost:5108/v1/chat/completions", "Bearer omna_", "openrouter-free", "Plan my AI workflow")),
    ("F4", "/", ("The path that works first", "Recharge.", "Chat.", "Create keys.", "Watch usage.", "Read the ledger."),
     ("先走通的路径", "充值。", "聊天。", "创建密钥。", "查看用量。", "阅读账本。")),
    ("F5", "/", ("/v1/models and /v1/chat/completions with Omna keys", "requests-per-minute limit for each key"),
     ("/v1/models 和 /v1/chat/completions", "每个密钥都有每分钟请求数限制")),
    ("F6", "/",
     ("Provider caps, user freeze, audit logs, recharge review, refunds, chargebacks and an emergency stop",),
     ("供应商上限、用户冻结、审计日志、充值审核、退款、拒付处理和紧急停止",)),
    ("F7", "/",
     ("One workspace and one balance instead of a subscription for every tool", "cost, pricing and reliability"),
     ("一个工作区、一个余额，取代每个工具各自的订阅", "成本、定价和可靠性")),
    ("F8", "/", ("They open when you want them to",), ("想看的时候再展开",)),
    ("F9", "/faq", ("chat, API keys, prepaid Credits, usage logs and risk controls", "suit every supported chat model"),
     ("聊天、API 密钥、预付 Credits、用量日志和风险控制", "适用于所有受支持的聊天模型")),
    ("F10", "/faq", ("no proxy nodes, no airport subscriptions, no VPN, no node resale", "regional restrictions"),
     ("代理、机场、VPN、节点转售", "绕过地区限制的工具")),
    ("F10", "/terms", ("no proxy nodes, no airport subscriptions, no VPN, no node resale", "regional restrictions"),
     ("代理、机场、VPN、节点转售", "绕过地区限制的工具")),
    ("F11", "/faq", ("You recharge, and each use is deducted", "usage page", "in the ledger"),
     ("先充值，每次使用再扣除", "用量页", "账本")),
    ("F12", "/faq", ("reviewed by a person before Credits arrive", "Automatic checkout is there when the operator enables"),
     ("到账前需要人工审核", "运营者启用后，也可以使用自动支付")),
    ("F13", "/faq",
     ("Refunds follow the refund policy", "Used Credits, abuse, chargebacks or provider cost may affect"),
     ("退款按退款政策处理", "已使用的 Credits、滥用、拒付或供应商成本")),
    ("F13", "/refund-policy",
     ("Refunds follow this policy", "Used Credits, abuse, chargebacks or provider cost may affect"),
     ("退款按本政策处理", "已使用的 Credits、滥用、拒付或供应商成本")),
    ("F14", "/terms", ("Features, models, prices and limits may change",), ("功能、模型、价格和限额可能变动",)),
    ("F15", "/terms", ("answer for your account, your password and your keys", "Do not publish keys", "client-side code"),
     ("对自己的账户、密码和密钥负责", "不要公开密钥", "客户端代码")),
    ("F16", "/terms",
     ("prepaid usage balance", "bank account", "security", "stored-value financial product", "not cash"),
     ("预付的使用额度", "银行账户", "证券", "储值类金融产品", "现金")),
    ("F17", "/terms",
     ("Illegal activity", "Abuse", "Credential theft, spam and malware", "Attacks on platforms", "Excessive automation",
      "evades limits"),
     ("违法活动", "滥用", "盗取凭据、垃圾信息和恶意软件", "攻击平台", "过度自动化", "规避限制")),
    ("F18", "/terms",
     ("request limits, daily spend limits, model and provider caps, reviews, freezes and emergency stops",
      "abuse, payment disputes, chargebacks, security risk or a breach of these terms"),
     ("请求限额、每日消费限额、模型与供应商上限、审核、冻结和紧急停止", "滥用、付款争议、拒付、安全风险或违反本条款")),
    ("F19", "/terms",
     ("third-party providers", "Availability, quality, latency and behaviour may depend on them"),
     ("第三方供应商", "可用性、质量、延迟和行为可能取决于它们")),
    ("F20", "/privacy",
     ("account e-mail", "display name", "a hash of the password", "Session data", "Key metadata", "Usage",
      "Recharge records", "Support requests", "Audit logs", "Security events"),
     ("账户邮箱", "显示名称", "密码哈希", "会话数据", "密钥元数据", "用量", "充值记录", "支持请求", "审计日志", "安全事件")),
    ("F21", "/privacy",
     ("processed by the upstream provider", "no secrets and no highly sensitive data",
      "prompts and replies of API requests are not stored", "history is stored", "temporary chat", "delete the chat"),
     ("由你所选模型的上游供应商", "机密或高度敏感的数据", "API 请求的提示词和回答不会被存储", "聊天记录", "临时聊天",
      "删除聊天")),
    ("F22", "/privacy",
     ("Payment references, recharge requests, refund reviews and support messages", "billing, disputes and the protection"),
     ("付款凭证号、充值申请、退款审核和支持消息", "计费、处理争议和保护平台")),
    ("F23", "/privacy", ("never kept in plain text", "hash", "prefix, last characters and status"),
     ("从不以明文保存", "哈希", "前缀、末尾几个字符和状态")),
    ("F24", "/privacy",
     ("support, billing history, abuse prevention, security, legal and accounting needs", "help@example.com"),
     ("支持、账单历史、防止滥用、安全、法律和会计", "help@example.com")),
    ("F25", "/refund-policy",
     ("A person reviews each refund", "payment status", "Credits used", "behaviour of the account", "provider cost"),
     ("人工审核", "付款状态", "已用 Credits", "账户行为", "供应商成本")),
    ("F26", "/refund-policy",
     ("Unused Credits may be refunded when the payment is verified and there is no abuse or dispute",
      "Consumed Credits generally are not refunded, because the provider was already paid"),
     ("付款经过核实且没有滥用或争议时，未使用的 Credits 可以退款", "已消耗的 Credits 一般不退：供应商已经收到付款")),
    ("F27", "/refund-policy",
     ("A verified duplicate payment may be refunded or converted into Credits", "prefer", "policy"),
     ("经核实的重复付款可以退款，也可以转为 Credits", "意愿", "政策")),
    ("F28", "/refund-policy",
     ("freeze, a risk review, the deduction of granted Credits, and a temporary or permanent loss of access",),
     ("冻结、风险审核、扣除赠送的 Credits，以及暂时或永久失去访问权限",)),
    ("F28", "/terms",
     ("freeze, a risk review, the deduction of granted Credits, and a temporary or permanent loss of access",),
     ("冻结、风险审核、扣除赠送的 Credits，以及暂时或永久失去访问权限",)),
    ("F29", "/refund-policy",
     ("request from the workspace", "account e-mail", "payment method", "payment reference", "amount", "reason"),
     ("工作区提出申请", "账户邮箱", "付款方式", "付款凭证号", "金额", "原因")),
    ("F3", "/docs/quickstart",
     ("curl http://localhost:5108/v1/chat/completions", "Bearer omna_", "openrouter-free", "Plan my AI workflow"),
     ("curl http://localhost:5108/v1/chat/completions", "Bearer omna_", "openrouter-free", "Plan my AI workflow")),
    ("F5", "/docs", ("/v1/models and /v1/chat/completions work with Omna keys", "requests-per-minute limit for each key"),
     ("/v1/models 和 /v1/chat/completions", "每个密钥都有每分钟请求数限制")),
    ("F9", "/docs", ("chat, API keys, Credits, usage logs and risk controls", "suit every supported chat model"),
     ("聊天、API 密钥、Credits、用量日志和风险控制", "适用于所有受支持的聊天模型")),
    ("F11", "/docs/quickstart", ("You recharge, each use is deducted", "usage page", "in the ledger"),
     ("先充值，每次使用再扣除", "用量页", "账本")),
    ("F15", "/docs/keys", ("Do not publish keys", "client-side code"), ("不要公开密钥", "客户端代码")),
    ("F19", "/docs/models", ("third-party providers", "Availability, quality, latency and behaviour may depend"),
     ("第三方供应商", "可用性、质量、延迟和行为可能取决于它们")),
    ("F19", "/status", ("third-party providers", "availability, quality, latency and behaviour may depend"),
     ("第三方供应商", "可用性、质量、延迟和行为可能取决于它们")),
    ("F25", "/faq", ("A person reviews each one", "provider cost"), ("每笔退款都由人工审核", "供应商成本")),
    ("F26", "/faq", ("Unused Credits may be refunded", "the provider was already paid"),
     ("未使用的 Credits 可以退款", "供应商的费用已经付出")),
    ("F27", "/faq", ("duplicate payment may be refunded or converted",), ("重复付款可以退款，也可以转换为 Credits",)),
    ("F28", "/faq", ("a temporary or permanent loss of access",), ("暂时或永久失去访问权限",)),
    ("F29", "/faq", ("account e-mail, payment method, payment reference, amount and reason",),
     ("账户邮箱、付款方式、付款凭据号、金额和原因",)),
)  # fmt: skip


def words(body: bytes) -> str:
    """Return what a page says to whoever reads it, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", body.decode())).split())


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_fact_is_text_on_the_page_that_is_its_home(language: str) -> None:
    pages = {
        path: words((await call(path, headers={"accept-language": language}, support_email="help@example.com"))[2])
        for path in {path for _, path, _, _ in FACTS}
    }
    assert {f"F{number}" for number in range(1, 30)} == {fact for fact, _, _, _ in FACTS}
    for fact, path, english, chinese in FACTS:
        for phrase in english if language == "en" else chinese:
            assert phrase in pages[path], (fact, path, phrase)
