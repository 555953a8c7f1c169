import { keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Row = Schemas["WorkspaceRowOfStaff"];
export type Detail = Schemas["WorkspaceOfStaff"];
export type Key = Detail["keys"][number];

export const SHOWN = ["all", "frozen", "debt", "flagged", "pending", "team", "personal"] as const;
export type Shown = (typeof SHOWN)[number];

const KEY = ["console", "workspaces"];

export function workspacesQuery(show: Shown, q: string, cursor: string) {
  return queryOptions({
    queryKey: [...KEY, "list", show, q, cursor],
    queryFn: ({ signal }) => ask(api.GET("/api/console/workspaces", { params: { query: { show, q, cursor: cursor || undefined } }, signal })),
    placeholderData: keepPreviousData,
  });
}

const of = (workspace: string) => ({ params: { path: { workspace } } });

/** Whoever reads it is on record: it is not asked for again by itself. */
export function workspaceQuery(workspace: string) {
  return queryOptions({
    queryKey: [...KEY, "one", workspace],
    queryFn: ({ signal }) => ask(api.GET("/api/console/workspaces/{workspace}", { ...of(workspace), signal })),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

/** What can be done about a workspace; afterwards the page knows, and lists ask again. */
export function useActs(workspace: string) {
  const client = useQueryClient();
  const at = of(workspace);
  const known = async (answer: Promise<Schemas["WorkspaceActed"]>) => {
    const acted = await answer;
    client.setQueryData(workspaceQuery(workspace).queryKey, acted);
    void client.invalidateQueries({ queryKey: [...KEY, "list"] });
    void client.invalidateQueries({ queryKey: ["console", "users"] });
    return acted;
  };
  return {
    freeze: (body: Schemas["FreezeNew"]) => known(ask(api.POST("/api/console/workspaces/{workspace}/freeze", { ...at, body }))),
    unfreeze: (reason: string) => known(ask(api.POST("/api/console/workspaces/{workspace}/unfreeze", { ...at, body: { reason } }))),
    limit: (body: Schemas["LimitsChange"]) => known(ask(api.POST("/api/console/workspaces/{workspace}/limits", { ...at, body }))),
    revoke: (key: string, body: Schemas["KeyEnding"]) =>
      known(ask(api.POST("/api/console/workspaces/{workspace}/keys/{key}/revoke", { params: { path: { workspace, key } }, body }))),
  };
}
