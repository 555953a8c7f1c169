import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import type { Status } from "./model";

type Settings = Schemas["KeySettings"];
type Sort = "name" | "-name" | "created_at" | "-created_at" | "last_used_at" | "-last_used_at" | "spent_30d" | "-spent_30d";

interface Filters {
  search: string;
  status: string;
  sort: string;
  cursor: string;
}

export function keysQuery(workspace: string, { search, status, sort, cursor }: Filters) {
  return queryOptions({
    queryKey: [workspace, "keys", "list", { search, status, sort, cursor }],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/workspaces/{workspace}/keys", {
          params: {
            path: { workspace },
            query: {
              search: search || undefined,
              status: (status || undefined) as Status | undefined,
              sort: (sort || undefined) as Sort | undefined,
              cursor: cursor || undefined,
            },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export function keyQuery(workspace: string, key: string) {
  return queryOptions({
    queryKey: [workspace, "keys", "one", key],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/keys/{key}", { params: { path: { workspace, key } }, signal })),
  });
}

export function managementKeysQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "management-keys"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/management-keys", { params: { path: { workspace } }, signal })),
  });
}

/** What can be done with keys; each act makes the lists and the key's page read again. */
export function useKeyActs(workspace: string) {
  const client = useQueryClient();
  const after = { onSuccess: () => client.invalidateQueries({ queryKey: [workspace, "keys"] }) };
  const at = (key: string) => ({ params: { path: { workspace, key } } });
  return {
    create: useMutation({
      mutationFn: (body: Settings) => ask(api.POST("/api/workspaces/{workspace}/keys", { params: { path: { workspace } }, body })),
      ...after,
    }),
    change: useMutation({
      mutationFn: ({ key, body }: { key: string; body: Settings }) => ask(api.PUT("/api/workspaces/{workspace}/keys/{key}", { ...at(key), body })),
      ...after,
    }),
    disable: useMutation({ mutationFn: (key: string) => ask(api.POST("/api/workspaces/{workspace}/keys/{key}/disable", at(key))), ...after }),
    enable: useMutation({ mutationFn: (key: string) => ask(api.POST("/api/workspaces/{workspace}/keys/{key}/enable", at(key))), ...after }),
    rotate: useMutation({
      mutationFn: ({ key, hours }: { key: string; hours: number }) =>
        ask(api.POST("/api/workspaces/{workspace}/keys/{key}/rotation", { ...at(key), body: { overlap_hours: hours } })),
      ...after,
    }),
    revoke: useMutation({
      mutationFn: ({ key, name, leaked }: { key: string; name: string; leaked: boolean }) =>
        ask(api.POST("/api/workspaces/{workspace}/keys/{key}/revocation", { ...at(key), body: { name, leaked } })),
      ...after,
    }),
  };
}

export function useManagementKeyActs(workspace: string) {
  const client = useQueryClient();
  const after = { onSuccess: () => client.invalidateQueries({ queryKey: [workspace, "management-keys"] }) };
  return {
    create: useMutation({
      mutationFn: (body: Schemas["ManagementKeyNew"]) =>
        ask(api.POST("/api/workspaces/{workspace}/management-keys", { params: { path: { workspace } }, body })),
      ...after,
    }),
    revoke: useMutation({
      mutationFn: (key: string) => ask(api.DELETE("/api/workspaces/{workspace}/management-keys/{key}", { params: { path: { workspace, key } } })),
      ...after,
    }),
  };
}
