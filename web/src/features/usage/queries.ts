import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/api/client";
import type { Division, queryOf } from "./model";

type Query = ReturnType<typeof queryOf>;

/* What is on screen is asked for again: a request that is made elsewhere shows by itself, within two seconds. */
const LIVE_MS = 1_000;
const CALM_MS = 15_000;

export function summaryQuery(workspace: string, query: Query) {
  return queryOptions({
    queryKey: [workspace, "usage", "summary", query],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/usage", { params: { path: { workspace }, query }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });
}

export function chartQuery(workspace: string, query: Query, by: Division, zone: string) {
  return queryOptions({
    queryKey: [workspace, "usage", "series", query, by, zone],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/workspaces/{workspace}/usage/series", { params: { path: { workspace }, query: { ...query, by, zone } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: CALM_MS,
  });
}

export function logQuery(workspace: string, query: Query, request: string, cursor: string) {
  return queryOptions({
    queryKey: [workspace, "usage", "requests", query, request, cursor],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/workspaces/{workspace}/usage/requests", {
          params: { path: { workspace }, query: { ...query, request: request || undefined, cursor: cursor || undefined, limit: 25 } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: cursor === "" ? LIVE_MS : false,
  });
}

export function receiptQuery(workspace: string, request: string) {
  return queryOptions({
    queryKey: [workspace, "usage", "request", request],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/workspaces/{workspace}/usage/requests/{request}", { params: { path: { workspace, request } }, signal })),
    refetchInterval: (query) => (query.state.data?.running ? LIVE_MS : false),
  });
}

/** Names for the filters; somebody without the right gets none. */
export function keyNamesQuery(workspace: string, allowed: boolean) {
  return queryOptions({
    queryKey: [workspace, "keys", "names"],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/workspaces/{workspace}/keys", { params: { path: { workspace }, query: { limit: 200, sort: "name" } }, signal })),
    enabled: allowed,
    staleTime: 60_000,
  });
}

export function memberNamesQuery(workspace: string, allowed: boolean) {
  return queryOptions({
    queryKey: [workspace, "members"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/members", { params: { path: { workspace } }, signal })),
    enabled: allowed,
    staleTime: 60_000,
  });
}
