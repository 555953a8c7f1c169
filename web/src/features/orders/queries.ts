import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import { type Order } from "@/api/payments";
import { workspacesQuery } from "@/api/queries";

/** What the customer does with an order. Each answers with the order as it is then. */
export function useOrderActs(workspace: string, recharge: string) {
  const client = useQueryClient();
  const params = { path: { workspace, recharge } };
  const keep = (order: Order) => {
    client.setQueryData([workspace, "orders", "one", recharge], order);
    return client.invalidateQueries({ queryKey: [workspace, "orders", "list"] });
  };
  return {
    submit: useMutation({
      mutationFn: (body: Schemas["ProofNew"]) => ask(api.PUT("/api/workspaces/{workspace}/recharges/{recharge}/proof", { params, body })),
      onSuccess: keep,
    }),
    cancel: useMutation({
      mutationFn: () => ask(api.POST("/api/workspaces/{workspace}/recharges/{recharge}/cancel", { params })),
      onSuccess: keep,
    }),
    check: useMutation({
      mutationFn: () => ask(api.POST("/api/workspaces/{workspace}/recharges/{recharge}/check", { params })),
      onSuccess: keep,
    }),
    /** Money moved: the balance, the ledger and the overview are read again. */
    moneyMoved: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: workspacesQuery.queryKey }),
        client.invalidateQueries({ queryKey: [workspace, "ledger"] }),
        client.invalidateQueries({ queryKey: [workspace, "overview"] }),
        client.invalidateQueries({ queryKey: [workspace, "orders", "list"] }),
      ]),
  };
}

/** Which files a proof may be. */
export function proofRulesQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "recharge", "proof-rules"],
    queryFn: async ({ signal }) => {
      const options = await ask(api.GET("/api/workspaces/{workspace}/recharge-options", { params: { path: { workspace } }, signal }));
      return options.proof;
    },
    staleTime: Infinity,
  });
}
