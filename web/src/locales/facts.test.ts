import { expect, test } from "vitest";

import { en } from "./en";
import { zh } from "./zh";

/** What the operator states in public and says once more where it matters behind the sign-in: in both languages. */
const FACTS: [fact: string, key: keyof typeof en, english: string[], chinese: string[]][] = [
  ["F2", "recharge.lead", ["Buy Credits once and spend them on every enabled model", "a line in the ledger"], ["已启用的模型", "账本"]],
  ["F12", "recharge.fact_manual", ["A person reviews this payment before the Credits arrive"], ["到账前", "人工审核"]],
  ["F13", "recharge.fact_refunds", ["used Credits, abuse, chargebacks or provider cost may affect"], ["已使用的 Credits、滥用、拒付", "供应商成本"]],
  ["F14", "recharge.fact_change", ["Features, models, prices and limits may change"], ["功能、模型、价格和限制"]],
  ["F15", "secret.once", ["do not publish it", "do not put it into a page or an app that others can read"], ["不要公开", "也不要写进他人可以读取的网页或应用"]],
  ["F16", "recharge.fact_credits", ["prepaid usage balance", "not a bank account", "not a security", "not a stored-value financial product", "not cash"], ["预付的使用余额", "银行账户", "证券", "储值类金融产品", "现金"]],
  ["F21", "chat.note", ["processed by the provider", "nothing highly sensitive", "stored for you alone until you delete them", "a temporary chat is not stored"], ["由模型提供商处理", "高度敏感的信息", "直到您删除", "临时对话不会保存"]],
  ["F22", "order.proof_privacy", ["billing, disputes and the protection of the platform"], ["账务、争议处理和平台保护"]],
  ["F23", "key.publish", ["only a hash and the characters that lists show"], ["散列值"]],
  ["F25", "refund.person", ["A person decides", "payment status, Credits used, account behaviour and provider cost"], ["人工", "付款状态、已使用的 Credits、账户行为"]],
  ["F26", "refund.kind_unused_text", ["were not spent"], ["未花费"]],
  ["F27", "refund.preference_convert_text", ["You keep the Credits of the second payment"], ["Credits"]],
  ["F28", "refund.quicker", ["chargeback", "freezes the workspace"], ["拒付", "冻结"]],
];

test.each(FACTS)("%s is said by %s", (_fact, key, english, chinese) => {
  for (const phrase of english) expect(en[key]).toContain(phrase);
  for (const phrase of chinese) expect(zh[key]).toContain(phrase);
});
