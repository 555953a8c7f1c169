import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "../../src/omna/website/static/tokens.css";
import "@/theme/app.css";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { ApiError } from "@/api/problem";
import { accountQuery, installationQuery, workspacesQuery } from "@/api/queries";
import { viewing } from "@/api/viewing";
import { Preferences } from "@/frame/Preferences";
import { load } from "@/locales";
import { makeRouter } from "@/routes";
import { currentLanguage, nonce, schemeManager } from "@/theme/preferences";
import { cssVariablesResolver, theme } from "@/theme/theme";

// Where libraries that add style tags of their own look for it.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What was refused is refused again; what did not arrive may arrive.
      retry: (count, error) => count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 502),
    },
  },
});
void queries.prefetchQuery(accountQuery);
// One bundle has both surfaces; the console is loaded where its address is, by staff alone.
const inConsole = viewing === null && /^\/console(\/|$)/.test(location.pathname);
if (!inConsole) void queries.prefetchQuery(workspacesQuery);
void queries.prefetchQuery(installationQuery);

const [catalogue, router] = await Promise.all([
  load(currentLanguage()),
  inConsole ? import("@/console/router").then(({ makeConsoleRouter }) => makeConsoleRouter(queries)) : makeRouter(queries),
]);
const place = document.getElementById("root");
if (place === null) throw new Error("the page has no #root");

createRoot(place).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={schemeManager}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <Preferences catalogue={catalogue}>
          <RouterProvider router={router as ReturnType<typeof makeRouter>} />
          <Notifications position="bottom-right" autoClose={6000} />
        </Preferences>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
