import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Navigate } from "@tanstack/react-router";

import { base } from "@/api/viewing";
import { Broken } from "@/frame/Broken";
import { Frame } from "@/frame/Frame";
import { NotFound } from "@/frame/NotFound";
import { ShortAddress, WorkspaceGate } from "@/frame/WorkspaceGate";
import { parseSearch, stringifySearch } from "@/lib/address";
import type { Right, StaffRight } from "@/lib/rights";
import type { Key } from "@/locales";

/* The one table of pages: address, page, title, who may see it. A page is a file of its own and loaded when it is
   opened; whoever may not see it gets what everybody gets for an address that does not exist. */

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Frame, notFoundComponent: NotFound });

const home = createRoute({ getParentRoute: () => root, path: "/", component: ShortAddress });
const short = createRoute({ getParentRoute: () => root, path: "$", component: ShortAddress });

const workspace = createRoute({ getParentRoute: () => root, path: "w/$ws", component: WorkspaceGate });

const CHAT: { title: Key; rights: Right[] } = { title: "nav.chat", rights: ["chat"] };

const overview = createRoute({
  getParentRoute: () => workspace,
  path: "/",
  staticData: { title: "nav.overview", rights: ["view"] },
  component: lazyRouteComponent(() => import("@/features/overview/page")),
});
const chats = createRoute({
  getParentRoute: () => workspace,
  path: "chat",
  staticData: CHAT,
  component: lazyRouteComponent(() => import("@/features/chat/page")),
});
// One page for all chats: it stays when another chat is opened, and when a new one gets its address.
const newChat = createRoute({ getParentRoute: () => chats, path: "/", staticData: CHAT });
const chat = createRoute({ getParentRoute: () => chats, path: "$chat", staticData: CHAT });
const chatPrompts = createRoute({
  getParentRoute: () => workspace,
  path: "chat/prompts",
  staticData: CHAT,
  component: lazyRouteComponent(() => import("@/features/chat/keep/prompts")),
});
const chatPresets = createRoute({
  getParentRoute: () => workspace,
  path: "chat/presets",
  staticData: CHAT,
  component: lazyRouteComponent(() => import("@/features/chat/keep/presets")),
});
const chatLinks = createRoute({
  getParentRoute: () => workspace,
  path: "chat/links",
  staticData: CHAT,
  component: lazyRouteComponent(() => import("@/features/chat/keep/links")),
});
const chatData = createRoute({
  getParentRoute: () => workspace,
  path: "chat/data",
  staticData: CHAT,
  component: lazyRouteComponent(() => import("@/features/chat/keep/data")),
});
// Before `$chat`, which it would be otherwise; without the list of chats, for it needs the room.
const compare = createRoute({
  getParentRoute: () => workspace,
  path: "chat/compare",
  staticData: CHAT,
  component: lazyRouteComponent(() => import("@/features/chat/compare/page")),
});
const models = createRoute({
  getParentRoute: () => workspace,
  path: "models",
  staticData: { title: "nav.models", rights: ["view"] },
  component: lazyRouteComponent(() => import("@/features/models/page")),
});
const keys = createRoute({
  getParentRoute: () => workspace,
  path: "keys",
  staticData: { title: "nav.keys", rights: ["own_keys", "all_keys"] },
  component: lazyRouteComponent(() => import("@/features/keys/page")),
});
const key = createRoute({
  getParentRoute: () => workspace,
  path: "keys/$key",
  staticData: { title: "nav.keys", rights: ["own_keys", "all_keys"] },
  component: lazyRouteComponent(() => import("@/features/keys/key")),
});
const usage = createRoute({
  getParentRoute: () => workspace,
  path: "usage",
  staticData: { title: "nav.usage", rights: ["own_usage", "all_usage"] },
  component: lazyRouteComponent(() => import("@/features/usage/page")),
});
const receipt = createRoute({
  getParentRoute: () => workspace,
  path: "usage/$request",
  staticData: { title: "nav.usage", rights: ["own_usage", "all_usage"] },
  component: lazyRouteComponent(() => import("@/features/usage/receipt")),
});
const ledger = createRoute({
  getParentRoute: () => workspace,
  path: "ledger",
  staticData: { title: "nav.ledger", rights: ["ledger"] },
  component: lazyRouteComponent(() => import("@/features/ledger/page")),
});
const line = createRoute({
  getParentRoute: () => workspace,
  path: "ledger/$line",
  staticData: { title: "nav.ledger", rights: ["ledger"] },
  component: lazyRouteComponent(() => import("@/features/ledger/line")),
});
const recharge = createRoute({
  getParentRoute: () => workspace,
  path: "recharge",
  staticData: { title: "nav.recharge", rights: ["billing"] },
  component: lazyRouteComponent(() => import("@/pages/recharge")),
});
const order = createRoute({
  getParentRoute: () => workspace,
  path: "orders/$order",
  staticData: { title: "nav.recharge", rights: ["billing"] },
  component: lazyRouteComponent(() => import("@/features/orders/page")),
});
const refundRequest = createRoute({
  getParentRoute: () => workspace,
  path: "orders/$order/refund",
  staticData: { title: "nav.recharge", rights: ["billing"] },
  component: lazyRouteComponent(() => import("@/features/refunds/request")),
});
const refund = createRoute({
  getParentRoute: () => workspace,
  path: "refunds/$refund",
  staticData: { title: "nav.recharge", rights: ["billing"] },
  component: lazyRouteComponent(() => import("@/features/refunds/page")),
});
const support = createRoute({
  getParentRoute: () => workspace,
  path: "support",
  staticData: { title: "nav.support", rights: ["view"] },
  component: lazyRouteComponent(() => import("@/features/support/page")),
});
const ticket = createRoute({
  getParentRoute: () => workspace,
  path: "support/$ticket",
  staticData: { title: "nav.support", rights: ["view"] },
  component: lazyRouteComponent(() => import("@/features/support/ticket")),
});
const team = createRoute({
  getParentRoute: () => workspace,
  path: "team",
  staticData: { title: "nav.team", rights: ["view"] },
  component: lazyRouteComponent(() => import("@/features/members/page")),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "settings",
  component: () => <Navigate to="/settings/$section" params={{ section: "profile" }} replace />,
});
const section = createRoute({
  getParentRoute: () => root,
  path: "settings/$section",
  staticData: { title: "nav.settings" },
  component: lazyRouteComponent(() => import("@/features/settings/page")),
});

const tree = root.addChildren([
  home,
  workspace.addChildren([overview, chats.addChildren([newChat, chat]), compare, chatPrompts, chatPresets, chatLinks, chatData, models, keys, key, usage, receipt, ledger, line, recharge, order, refundRequest, refund, support, ticket, team]),
  settings,
  section,
  short,
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    basepath: base,
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
  interface StaticDataRouteOption {
    /** What the top bar says. */
    title?: Key;
    /** Any of these lets a member in. */
    rights?: Right[];
    /** What lets somebody of the staff in, in the console. */
    staff?: StaffRight;
  }
}
