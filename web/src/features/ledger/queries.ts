import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/api/client";
import type { Group, Line, queryOf } from "./model";

type Query = ReturnType<typeof queryOf>;

/* A settled request has to show its line within two seconds. */
const LIVE_MS = 1_500;
/* Rows of a page, and requests that a group opens to at first. */
export const ROWS = 50;
export const PARTS = 200;

export function headQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "ledger", "head"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/ledger", { params: { path: { workspace } }, signal })),
    refetchInterval: LIVE_MS,
  });
}

export function linesQuery(workspace: string, query: Query, group: Group, zone: string, cursor: string) {
  return queryOptions({
    queryKey: [workspace, "ledger", "lines", query, group, zone, cursor],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/workspaces/{workspace}/ledger/lines", {
          params: { path: { workspace }, query: { ...query, group, zone, cursor: cursor || undefined, limit: ROWS } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    // Older pages do not change.
    refetchInterval: cursor === "" ? LIVE_MS : false,
  });
}

/** The requests of a group, newest first, up to so many. */
export function partsQuery(workspace: string, group: NonNullable<Line["group"]>, wanted: number) {
  return queryOptions({
    queryKey: [workspace, "ledger", "parts", group.first, group.last, wanted],
    queryFn: async ({ signal }) => {
      const parts: Line[] = [];
      let cursor: string | undefined;
      do {
        const page = await ask(
          api.GET("/api/workspaces/{workspace}/ledger/lines", {
            params: {
              path: { workspace },
              query: { kind: ["usage"], first: group.first, last: group.last, group: "none", limit: PARTS, cursor },
            },
            signal,
          }),
        );
        parts.push(...page.items);
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined && parts.length < wanted);
      return parts;
    },
    staleTime: Infinity,
  });
}

export function lineQuery(workspace: string, transfer: string) {
  return queryOptions({
    queryKey: [workspace, "ledger", "line", transfer],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/workspaces/{workspace}/ledger/lines/{transfer}", { params: { path: { workspace, transfer } }, signal })),
  });
}

/** How the request behind a line was billed; for who may see it. */
export function causeQuery(workspace: string, request: string | null, allowed: boolean) {
  return queryOptions({
    queryKey: [workspace, "usage", "request", request],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/workspaces/{workspace}/usage/requests/{request}", {
          params: { path: { workspace, request: request ?? "" } },
          signal,
        }),
      ),
    enabled: allowed && request !== null,
    retry: false,
  });
}

export function monthsQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "ledger", "statements"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/ledger/statements", { params: { path: { workspace } }, signal })),
    staleTime: 5_000,
  });
}
