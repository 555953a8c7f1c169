import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import { type Filters, wished } from "./model";

export type Row = Schemas["AuditRow"];
export type Detail = Schemas["AuditDetail"];
export type Chain = Schemas["ChainStatus"];
export type ChainName = "audit" | "ledger";

const KEY = ["console", "audit"];
const LIST_MS = 15_000;
/** While somebody waits for a check, and otherwise. */
const CHECKING_MS = 1_000;
const STATUS_MS = 30_000;

export function rowsQuery(filters: Filters, cursor: string) {
  return queryOptions({
    queryKey: [...KEY, "list", filters, cursor],
    queryFn: ({ signal }) => ask(api.GET("/api/console/audit", { params: { query: { ...wished(filters), cursor: cursor || undefined } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: cursor === "" ? LIST_MS : false,
  });
}

export function rowQuery(seq: string) {
  return queryOptions({
    queryKey: [...KEY, "one", seq],
    queryFn: ({ signal }) => ask(api.GET("/api/console/audit/{seq}", { params: { path: { seq } }, signal })),
  });
}

export const actionsQuery = queryOptions({
  queryKey: [...KEY, "actions"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/audit/actions", { signal })),
  staleTime: 60_000,
});

export const statusQuery = queryOptions({
  queryKey: [...KEY, "status"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/audit/status", { signal })),
  refetchInterval: ({ state }) => (state.data?.audit.asked || state.data?.ledger.asked ? CHECKING_MS : STATUS_MS),
});

export function verify(chain: ChainName) {
  return ask(api.POST("/api/console/audit/verify", { body: { chain } }));
}

/** Have a file ready; it is at this address for whoever asked, for a quarter of an hour. */
export function beginExport(filters: Filters, reason: string) {
  return ask(api.POST("/api/console/audit/export", { body: { ...wished(filters), reason } }));
}

export function exportAddress(seq: number): string {
  return `/api/console/audit/export/${seq}`;
}
