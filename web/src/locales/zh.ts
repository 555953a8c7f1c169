import type { Catalogue } from "./catalogue";
import { billing } from "./zh/billing";
import { common } from "./zh/common";
import { console } from "./zh/console";
import { console_promos } from "./zh/console_promos";
import { frame } from "./zh/frame";
import { keys } from "./zh/keys";
import { ledger } from "./zh/ledger";
import { models } from "./zh/models";
import { overview } from "./zh/overview";
import { settings } from "./zh/settings";
import { team } from "./zh/team";
import { usage } from "./zh/usage";

/* 应用的全部文案。键与 en.ts 相同，缺一个都无法编译。 */
export const zh: Catalogue = { ...common, ...frame, ...overview, ...models, ...keys, ...usage, ...ledger, ...team, ...settings, ...console, ...billing, ...console_promos };
