import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import { workspacesQuery } from "@/api/queries";

export type Details = Schemas["BillingDetailsBody"];
export type TopUp = Schemas["AutoTopUp"];
export type Redeemed = Schemas["PromoRedeemed"];

const at = (workspace: string) => ({ params: { path: { workspace } } });

export function detailsQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "billing-details"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/billing-details", { ...at(workspace), signal })),
  });
}

export function useChangeDetails(workspace: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Details) => ask(api.PUT("/api/workspaces/{workspace}/billing-details", { ...at(workspace), body })),
    onSuccess: (saved) => {
      client.setQueryData(detailsQuery(workspace).queryKey, saved);
    },
  });
}

export function useRedeem(workspace: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => ask(api.POST("/api/workspaces/{workspace}/promo-codes/redeem", { ...at(workspace), body: { code } })),
    onSuccess: () => {
      // The balance stands on many pages: nobody waits until all of them know.
      void client.invalidateQueries({ queryKey: [workspace] });
      void client.invalidateQueries(workspacesQuery);
    },
  });
}

export function topUpQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "auto-top-up"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/auto-top-up", { ...at(workspace), signal })),
  });
}

export function useTopUpActs(workspace: string) {
  const client = useQueryClient();
  const onSuccess = (saved: TopUp) => {
    client.setQueryData(topUpQuery(workspace).queryKey, saved);
  };
  return {
    change: useMutation({
      mutationFn: (body: Schemas["AutoTopUpChange"]) => ask(api.PUT("/api/workspaces/{workspace}/auto-top-up", { ...at(workspace), body })),
      onSuccess,
    }),
    forget: useMutation({
      mutationFn: () => ask(api.DELETE("/api/workspaces/{workspace}/auto-top-up/saved-method", at(workspace))),
      onSuccess,
    }),
  };
}
