import { queryOptions } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import { supportKey } from "@/api/queries";

export type Overview = Schemas["Overview"];

export function overviewQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "overview"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/overview", { params: { path: { workspace } }, signal })),
    staleTime: 2_000,
    // A request that is made elsewhere shows, and a first step ticks itself.
    refetchInterval: 5_000,
  });
}

/** Requests for support in which staff wait for an answer. */
export function waitingTicketsQuery(workspace: string) {
  return queryOptions({
    queryKey: [...supportKey(workspace), "waiting"],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/workspaces/{workspace}/tickets", { params: { path: { workspace }, query: { state: "waiting", limit: 5 } }, signal })),
    staleTime: 5_000,
    refetchInterval: 20_000,
  });
}
