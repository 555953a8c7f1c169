import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import type { Period } from "./model";

export type Board = Schemas["Dashboard"];
export type Day = Schemas["DashboardDay"];
export type ProviderRow = Schemas["DashboardProvider"];
export type ModelRow = Schemas["DashboardModel"];
export type WaitingRow = Schemas["DashboardWaiting"];

const REFRESH_MS = 30_000;

export function dashboardQuery(days: Period) {
  return queryOptions({
    queryKey: ["console", "dashboard", days],
    queryFn: ({ signal }) => ask(api.GET("/api/console/dashboard", { params: { query: { days } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}
