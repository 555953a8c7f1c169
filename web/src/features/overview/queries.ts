import { queryOptions } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

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
