"""PURE  Replies that are often the same. Staff change them before they send them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reply:
    """A text under a name by which staff find it."""

    name: str
    language: Literal["en", "zh"]
    text: str


REPLIES = (
    Reply(
        "Proof missing",
        "en",
        "Thank you for writing. We cannot find your payment yet.\n\n"
        "Please add the proof of the transfer to the order (a picture or a PDF), with the reference readable.",
    ),
    Reply(
        "付款凭证缺失",
        "zh",
        "感谢您的来信。我们暂时没有找到您的付款。\n\n请在订单中上传转账凭证（图片或 PDF），并确保参考号清晰可见。",
    ),
    Reply(
        "Request id needed",
        "en",
        "Please send the id of one request that failed (`req_…`). It stands in the answer as `x-request-id`, and on the"
        " usage page. With it we see what happened, and you see what it cost.",
    ),
    Reply(
        "需要请求编号",
        "zh",
        "请提供一个失败请求的编号（`req_…`）。它位于响应头 `x-request-id` 中，也可以在用量页面找到。",
    ),
    Reply(
        "Refund: how it works",
        "en",
        "Ask for a refund on the page of the order: it shows the most that can come back. A person decides, and you are"
        " told by mail. Please do not dispute the payment at your bank meanwhile: that freezes the workspace.",
    ),
    Reply(
        "退款流程",
        "zh",
        "请在订单页面申请退款，页面会显示最多可退的金额。由人工审核，结果会通过邮件通知您。"
        "在此期间请不要向银行提出拒付，否则工作区会被冻结。",
    ),
    Reply("Solved?", "en", "Does this answer your question? If so, please press Solved; if not, just write again."),
    Reply("是否已解决", "zh", "这是否解决了您的问题？如果已解决，请点击“已解决”；否则请继续留言。"),
)
