import { type Icon, IconBell, IconBuilding, IconCash, IconCoins, IconCpu, IconDoorEnter, IconGift, IconHandStop, IconHistory, IconInbox, IconLifebuoy, IconPlugConnected, IconReceiptRefund, IconScale, IconServer, IconShieldExclamation, IconSpeakerphone, IconUsers } from "@tabler/icons-react";
import type { ComponentType } from "react";

import type { StaffRight } from "@/lib/rights";
import type { Key } from "@/locales";

/* The one table of the console's pages, in the order of the rail within each of its groups. A page is a file of its own and loaded when it is
   opened; whoever may not see it gets what everybody gets for an address that does not exist. */

type Loaded = Promise<{ default: ComponentType }>;

/** The parts of the rail, in its order. */
export const GROUPS = ["customers", "money", "risk", "service", "installation"] as const;

export interface ConsolePage {
  group: (typeof GROUPS)[number];
  /** Below /console. */
  path: string;
  /** In the rail, and the title of its list. */
  label: Key;
  icon: Icon;
  right: StaffRight;
  list: () => Loaded;
  /** At `{path}/{id}`; the id is `useId()`. */
  detail?: () => Loaded;
  /** More addresses below `path` that are no ids: `{path}/{name}`. */
  more?: Readonly<Record<string, () => Loaded>>;
}

export const CONSOLE_PAGES: readonly ConsolePage[] = [
  {
    group: "customers",
    path: "users",
    label: "console_people.users",
    icon: IconUsers,
    right: "see",
    list: () => import("./users/list"),
    detail: () => import("./users/detail"),
  },
  {
    group: "customers",
    path: "workspaces",
    label: "console_people.workspaces",
    icon: IconBuilding,
    right: "see",
    list: () => import("./workspaces/list"),
    detail: () => import("./workspaces/detail"),
  },
  {
    group: "money",
    path: "recharges",
    label: "console_recharges.title",
    icon: IconInbox,
    right: "see",
    list: () => import("./recharges/list"),
    detail: () => import("./recharges/detail"),
  },
  {
    group: "money",
    path: "payments",
    label: "console_payments.title",
    icon: IconCash,
    right: "see",
    list: () => import("./payments/list"),
    detail: () => import("./payments/detail"),
  },
  {
    group: "money",
    path: "refunds",
    label: "console_refunds.title",
    icon: IconReceiptRefund,
    right: "see",
    list: () => import("./refunds/list"),
    detail: () => import("./refunds/detail"),
  },
  {
    group: "money",
    path: "disputes",
    label: "console_disputes.title",
    icon: IconScale,
    right: "see",
    list: () => import("./disputes/list"),
    detail: () => import("./disputes/detail"),
  },
  {
    group: "money",
    path: "promo-codes",
    label: "console_promos.title",
    icon: IconGift,
    right: "money",
    list: () => import("./promos/list"),
    detail: () => import("./promos/detail"),
  },
  {
    group: "money",
    path: "credits",
    label: "console_credits.title",
    icon: IconCoins,
    right: "money",
    list: () => import("./credits/list"),
    detail: () => import("./credits/detail"),
    more: { charge: () => import("./credits/charge") },
  },
  {
    group: "customers",
    path: "support",
    label: "nav.support",
    icon: IconLifebuoy,
    right: "see",
    list: () => import("./support/list"),
    detail: () => import("./support/detail"),
  },
  {
    group: "risk",
    path: "risk",
    label: "console_risk.title",
    icon: IconShieldExclamation,
    right: "see",
    list: () => import("./risk/list"),
    detail: () => import("./risk/detail"),
    more: { rules: () => import("./risk/rules") },
  },
  {
    group: "risk",
    path: "alerts",
    label: "console_alerts.title",
    icon: IconBell,
    right: "see",
    list: () => import("./alerts/list"),
    detail: () => import("./alerts/detail"),
  },
  {
    group: "risk",
    path: "stop",
    label: "console_stop.title",
    icon: IconHandStop,
    right: "see",
    list: () => import("./stop/list"),
  },
  {
    group: "installation",
    path: "announcements",
    label: "console_announcements.title",
    icon: IconSpeakerphone,
    right: "see",
    list: () => import("./announcements/list"),
  },
  {
    group: "installation",
    path: "system",
    label: "console_system.title",
    icon: IconServer,
    right: "configuration",
    list: () => import("./system/list"),
    detail: () => import("./system/detail"),
  },
  {
    group: "installation",
    path: "access",
    label: "console_access.title",
    icon: IconDoorEnter,
    right: "own",
    list: () => import("./access/list"),
  },
  {
    group: "installation",
    path: "audit",
    label: "console_audit.title",
    icon: IconHistory,
    right: "audit",
    list: () => import("./audit/list"),
    detail: () => import("./audit/detail"),
  },
  {
    group: "service",
    path: "providers",
    label: "console_providers.title",
    icon: IconPlugConnected,
    right: "configuration",
    list: () => import("./providers/list"),
    detail: () => import("./providers/detail"),
  },
  {
    group: "service",
    path: "models",
    label: "console_models.title",
    icon: IconCpu,
    right: "configuration",
    list: () => import("./models/list"),
    detail: () => import("./models/detail"),
    more: { import: () => import("./models/import") },
  },
];

export function pagesFor(rights: readonly string[]): ConsolePage[] {
  return CONSOLE_PAGES.filter((page) => rights.includes(page.right));
}
