import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";

import { parseSearch, stringifySearch } from "@/lib/address";
import { Broken } from "@/frame/Broken";
import { ConsoleFrame } from "./ConsoleFrame";
import { Missing } from "./Missing";
import { CONSOLE_PAGES } from "./pages";

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: ConsoleFrame, notFoundComponent: Missing });

const home = createRoute({ getParentRoute: () => root, path: "/", staticData: { title: "console_dashboard.title", staff: "see" }, component: lazyRouteComponent(() => import("./dashboard/page")) });

const pages = CONSOLE_PAGES.flatMap(({ path, label, right, list, detail, more = {} }) => [
  page(path, list),
  ...(detail ? [page(`${path}/$id`, detail)] : []),
  ...Object.entries(more).map(([name, load]) => page(`${path}/${name}`, load)),
].map((made) => made({ title: label, staff: right })));

function page(path: string, load: () => Promise<{ default: React.ComponentType }>) {
  return (staticData: { title: (typeof CONSOLE_PAGES)[number]["label"]; staff: (typeof CONSOLE_PAGES)[number]["right"] }) =>
    createRoute({ getParentRoute: () => root, path: path as string, staticData, component: lazyRouteComponent(load) });
}

/** The router of everything below /console. */
export function makeConsoleRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([home, ...pages]),
    basepath: "/console",
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: Missing,
    scrollRestoration: true,
  });
}
