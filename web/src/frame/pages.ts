import { IconBook2, IconChartBar, IconCpu, IconCreditCardPay, IconKey, IconLayoutDashboard, IconLifebuoy, IconMessage, IconUsers, type Icon } from "@tabler/icons-react";

import { viewing } from "@/api/viewing";
import { may, type Right } from "@/lib/rights";
import type { Key } from "@/locales";

/* The pages of a workspace, in the order of the rail, and who may see them. */

export interface Page {
  to: "/w/$ws" | "/w/$ws/chat" | "/w/$ws/models" | "/w/$ws/keys" | "/w/$ws/usage" | "/w/$ws/ledger" | "/w/$ws/recharge" | "/w/$ws/support" | "/w/$ws/team";
  label: Key;
  icon: Icon;
  rights: Right[];
}

export const PAGES: readonly Page[] = [
  { to: "/w/$ws", label: "nav.overview", icon: IconLayoutDashboard, rights: ["view"] },
  { to: "/w/$ws/chat", label: "nav.chat", icon: IconMessage, rights: ["chat"] },
  { to: "/w/$ws/models", label: "nav.models", icon: IconCpu, rights: ["view"] },
  { to: "/w/$ws/keys", label: "nav.keys", icon: IconKey, rights: ["own_keys", "all_keys"] },
  { to: "/w/$ws/usage", label: "nav.usage", icon: IconChartBar, rights: ["own_usage", "all_usage"] },
  { to: "/w/$ws/ledger", label: "nav.ledger", icon: IconBook2, rights: ["ledger"] },
  { to: "/w/$ws/recharge", label: "nav.recharge", icon: IconCreditCardPay, rights: ["billing"] },
  { to: "/w/$ws/support", label: "nav.support", icon: IconLifebuoy, rights: ["view"] },
  { to: "/w/$ws/team", label: "nav.team", icon: IconUsers, rights: ["view"] },
];

/** Chats are their authors' own: somebody of the staff who views a workspace finds none. */
export function pagesOf(workspace: { rights: readonly string[] }): Page[] {
  return PAGES.filter((page) => may(workspace, ...page.rights) && !(viewing !== null && page.label === "nav.chat"));
}
