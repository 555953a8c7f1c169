import { queryOptions } from "@tanstack/react-query";

import { api, ask, type Schemas } from "./client";

/* What several pages need. What only one page needs is in its feature's own queries.ts.
   Keys begin with the workspace, so that two workspaces never share an answer. */

export type Workspace = Schemas["WorkspaceRow"];
export type Model = Schemas["ModelRow"];

export const accountQuery = queryOptions({
  queryKey: ["account"],
  queryFn: ({ signal }) => ask(api.GET("/api/account", { signal })),
  staleTime: 15_000,
  // A freeze is told in the app, too.
  refetchInterval: 30_000,
});

export const workspacesQuery = queryOptions({
  queryKey: ["workspaces"],
  queryFn: ({ signal }) => ask(api.GET("/api/workspaces", { signal })),
  // The balance in the top bar is read from here.
  staleTime: 5_000,
  refetchInterval: 15_000,
});

export const installationQuery = queryOptions({
  queryKey: ["installation"],
  queryFn: ({ signal }) => ask(api.GET("/api/installation", { signal })),
  staleTime: 3_000,
  // An emergency stop has to be seen within five seconds.
  refetchInterval: 3_000,
});

export function modelsQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "models"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/models", { params: { path: { workspace } }, signal })),
    staleTime: 60_000,
  });
}

/** Every answer about requests for support begins with it. */
export function supportKey(workspace: string): readonly string[] {
  return [workspace, "support"];
}

/** How many requests have something new, and when an answer is to be expected: the page and the rail. */
export function supportQuery(workspace: string) {
  return queryOptions({
    queryKey: [...supportKey(workspace), "summary"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/tickets/summary", { params: { path: { workspace } }, signal })),
    staleTime: 15_000,
    refetchInterval: 60_000,
  });
}
