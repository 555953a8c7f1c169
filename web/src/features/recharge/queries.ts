import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import type { Order } from "@/api/payments";
import { isEnded } from "@/lib/payments";
import type { Language } from "@/lib/message";
import { beginDraft, type Draft, forgetDraft, keepOrder } from "./draft";

export function optionsQuery(workspace: string, language: Language) {
  return queryOptions({
    queryKey: [workspace, "recharge", "options", language],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/recharge-options", { params: { path: { workspace } }, signal })),
    staleTime: 10_000,
    // A stop of recharges shows while the page is open.
    refetchInterval: 20_000,
  });
}

export function quoteQuery(workspace: string, body: Schemas["QuoteAsk"] | null) {
  return queryOptions({
    queryKey: [workspace, "recharge", "quote", body],
    queryFn: ({ signal }) =>
      ask(
        api.POST("/api/workspaces/{workspace}/recharges/quote", {
          params: { path: { workspace } },
          body: body ?? { credits: "0", channel: "manual" },
          signal,
        }),
      ),
    enabled: body !== null,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });
}

type Asked = Omit<Schemas["RechargeNew"], "client_token">;

/** Make the order of a wish, or find the one that it has already become. */
export function useRecharge(workspace: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: Asked): Promise<Order> => {
      const wish = JSON.stringify(body);
      const send = async (draft: Draft) => {
        const order = await ask(
          api.POST("/api/workspaces/{workspace}/recharges", { params: { path: { workspace } }, body: { ...body, client_token: draft.token } }),
        );
        keepOrder(workspace, draft, order);
        return order;
      };
      const order = await send(beginDraft(workspace, wish));
      if (!isEnded(order.state)) return order;
      // The wish of before is fulfilled, or nothing came of it: this is the next one.
      forgetDraft(workspace);
      return send(beginDraft(workspace, wish));
    },
    onSuccess: (order) => {
      client.setQueryData([workspace, "orders", "one", order.id], order);
      return client.invalidateQueries({ queryKey: [workspace, "orders", "list"] });
    },
  });
}

/** Whether the payment service can keep a way to pay for automatic top-up. */
export function canSaveQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "recharge", "can-save"],
    queryFn: async ({ signal }) => {
      const found = await ask(api.GET("/api/workspaces/{workspace}/auto-top-up", { params: { path: { workspace } }, signal }));
      return found.available;
    },
    staleTime: 60_000,
  });
}
