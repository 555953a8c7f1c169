import { billing } from "./en/billing";
import { chat } from "./en/chat";
import { common } from "./en/common";
import { composer } from "./en/composer";
import { compare } from "./en/compare";
import { console } from "./en/console";
import { console_alerts } from "./en/console_alerts";
import { console_announcements } from "./en/console_announcements";
import { console_audit } from "./en/console_audit";
import { console_credits } from "./en/console_credits";
import { console_access } from "./en/console_access";
import { console_disputes } from "./en/console_disputes";
import { console_dashboard } from "./en/console_dashboard";
import { console_models } from "./en/console_models";
import { console_people } from "./en/console_people";
import { console_search } from "./en/console_search";
import { console_promos } from "./en/console_promos";
import { console_providers } from "./en/console_providers";
import { consolePayments } from "./en/console_payments";
import { consoleRecharges } from "./en/console_recharges";
import { console_refunds } from "./en/console_refunds";
import { console_risk } from "./en/console_risk";
import { console_stop } from "./en/console_stop";
import { console_support } from "./en/console_support";
import { console_viewing } from "./en/console_viewing";
import { console_system } from "./en/console_system";
import { frame } from "./en/frame";
import { keys } from "./en/keys";
import { ledger } from "./en/ledger";
import { markdown } from "./en/markdown";
import { models } from "./en/models";
import { orders } from "./en/orders";
import { overview } from "./en/overview";
import { payments } from "./en/payments";
import { recharge } from "./en/recharge";
import { refunds } from "./en/refunds";
import { settings } from "./en/settings";
import { shelf } from "./en/shelf";
import { support } from "./en/support";
import { team } from "./en/team";
import { usage } from "./en/usage";

/* Every word of the app. One file a feature; what is in braces is filled in; a plural has `one` and `other`. */
export const en = {
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
} as const;
