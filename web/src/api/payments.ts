import { queryOptions } from "@tanstack/react-query";

import { isMoving, isPending } from "@/lib/payments";
import { api, ask, type Schemas } from "./client";

/* Orders, refunds and disputes: what the pages of money, the overview and the console share. */

export type Order = Schemas["Recharge"];
export type OrderRow = Schemas["RechargeRow"];
export type OrderState = OrderRow["state"];
export type Refund = Schemas["Refund"];
export type RefundState = Refund["state"];
export type Dispute = Schemas["DisputeRow"];
export type Step = Schemas["Step"];

/* A page that waits for somebody asks this often. */
const AWAITED_MS = 3_000;
const QUIET_MS = 20_000;

/** Every attempt to buy Credits, newest first. */
export function ordersQuery(workspace: string, cursor = "") {
  return queryOptions({
    queryKey: [workspace, "orders", "list", cursor],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/workspaces/{workspace}/recharges", {
          params: { path: { workspace }, query: { cursor: cursor || undefined } },
          signal,
        }),
      ),
    staleTime: 2_000,
    refetchInterval: cursor === "" ? QUIET_MS : false,
  });
}

/** One order; while something may come of it, again every three seconds. */
export function orderQuery(workspace: string, recharge: string) {
  return queryOptions({
    queryKey: [workspace, "orders", "one", recharge],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/recharges/{recharge}", { params: { path: { workspace, recharge } }, signal })),
    refetchInterval: ({ state: { data } }) => (data !== undefined && isMoving(data.state) ? AWAITED_MS : QUIET_MS),
  });
}

export function refundQuery(workspace: string, refund: string) {
  return queryOptions({
    queryKey: [workspace, "refunds", "one", refund],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/refunds/{refund}", { params: { path: { workspace, refund } }, signal })),
    refetchInterval: ({ state: { data } }) => (data !== undefined && isPending(data.state) ? AWAITED_MS : QUIET_MS),
  });
}

/** Payments of this workspace that its bank takes, or took, back. */
export function disputesQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "disputes"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/disputes", { params: { path: { workspace } }, signal })),
    staleTime: 5_000,
  });
}
