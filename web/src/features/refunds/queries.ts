import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import type { Refund } from "@/api/payments";
import { workspacesQuery } from "@/api/queries";
import type { Kind } from "./model";

/** What of an order can come back, and why. */
export function refundableQuery(workspace: string, recharge: string, kind: Kind) {
  return queryOptions({
    queryKey: [workspace, "refunds", "refundable", recharge, kind],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/workspaces/{workspace}/recharges/{recharge}/refundable", { params: { path: { workspace, recharge }, query: { kind } }, signal })),
    placeholderData: keepPreviousData,
  });
}

export function useRefundActs(workspace: string) {
  const client = useQueryClient();
  const keep = (refund: Refund) => {
    client.setQueryData([workspace, "refunds", "one", refund.id], refund);
    return Promise.all([
      client.invalidateQueries({ queryKey: [workspace, "orders"] }),
      client.invalidateQueries({ queryKey: [workspace, "ledger"] }),
      client.invalidateQueries({ queryKey: workspacesQuery.queryKey }),
    ]);
  };
  return {
    request: useMutation({
      mutationFn: (body: Schemas["RefundNew"]) => ask(api.POST("/api/workspaces/{workspace}/refunds", { params: { path: { workspace } }, body })),
      onSuccess: keep,
    }),
    cancel: useMutation({
      mutationFn: (refund: string) => ask(api.POST("/api/workspaces/{workspace}/refunds/{refund}/cancel", { params: { path: { workspace, refund } } })),
      onSuccess: keep,
    }),
    /** The state of a refund changed elsewhere. */
    moved: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: workspacesQuery.queryKey }),
        client.invalidateQueries({ queryKey: [workspace, "ledger"] }),
        client.invalidateQueries({ queryKey: [workspace, "orders"] }),
      ]),
  };
}
