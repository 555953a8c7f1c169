import type { Catalogue } from "./catalogue";
import { billing } from "./zh/billing";
import { chat } from "./zh/chat";
import { common } from "./zh/common";
import { composer } from "./zh/composer";
import { compare } from "./zh/compare";
import { console } from "./zh/console";
import { console_alerts } from "./zh/console_alerts";
import { console_announcements } from "./zh/console_announcements";
import { console_audit } from "./zh/console_audit";
import { console_credits } from "./zh/console_credits";
import { console_access } from "./zh/console_access";
import { console_disputes } from "./zh/console_disputes";
import { console_dashboard } from "./zh/console_dashboard";
import { console_models } from "./zh/console_models";
import { console_people } from "./zh/console_people";
import { console_search } from "./zh/console_search";
import { console_promos } from "./zh/console_promos";
import { console_providers } from "./zh/console_providers";
import { consolePayments } from "./zh/console_payments";
import { consoleRecharges } from "./zh/console_recharges";
import { console_refunds } from "./zh/console_refunds";
import { console_risk } from "./zh/console_risk";
import { console_stop } from "./zh/console_stop";
import { console_support } from "./zh/console_support";
import { console_viewing } from "./zh/console_viewing";
import { console_system } from "./zh/console_system";
import { frame } from "./zh/frame";
import { keys } from "./zh/keys";
import { ledger } from "./zh/ledger";
import { markdown } from "./zh/markdown";
import { models } from "./zh/models";
import { orders } from "./zh/orders";
import { overview } from "./zh/overview";
import { payments } from "./zh/payments";
import { recharge } from "./zh/recharge";
import { refunds } from "./zh/refunds";
import { settings } from "./zh/settings";
import { shelf } from "./zh/shelf";
import { support } from "./zh/support";
import { team } from "./zh/team";
import { usage } from "./zh/usage";

/* 应用的全部文案。键与 en.ts 相同，缺一个都无法编译。 */
export const zh: Catalogue = {
  ...common,
  ...frame,
  ...overview,
  ...chat,
  ...compare,
  ...markdown,
  ...composer,
  ...models,
  ...keys,
  ...usage,
  ...ledger,
  ...payments,
  ...recharge,
  ...orders,
  ...refunds,
  ...billing,
  ...shelf,
  ...support,
  ...team,
  ...settings,
  ...console,
  ...consoleRecharges,
  ...consolePayments,
  ...console_dashboard,
  ...console_models,
  ...console_promos,
  ...console_providers,
  ...console_refunds,
  ...console_credits,
  ...console_disputes,
  ...console_risk,
  ...console_stop,
  ...console_support,
  ...console_viewing,
  ...console_system,
  ...console_people,
  ...console_access,
  ...console_search,
  ...console_alerts,
  ...console_announcements,
  ...console_audit,
};
