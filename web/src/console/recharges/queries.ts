import { queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import { isCancelled } from "@/api/problem";

export type Row = Schemas["StaffRechargeRow"];
export type Detail = Schemas["StaffRecharge"];

const LIST_MS = 15_000;
const DETAIL_MS = 10_000;

/** Orders: without a state those that wait for a review, oldest first. */
export function listQuery(filters: { state: string; q: string; cursor: string }) {
  return queryOptions({
    queryKey: ["console", "recharges", "list", filters],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/console/recharges", {
          params: { query: { state: (filters.state || undefined) as never, q: filters.q || undefined, cursor: filters.cursor || undefined } },
          signal,
        }),
      ),
    refetchInterval: LIST_MS,
  });
}

/** One order. Reading it is on record, so it is not asked for more often than somebody needs who waits for the other. */
export function detailQuery(recharge: string) {
  return queryOptions({
    queryKey: ["console", "recharges", "one", recharge],
    queryFn: ({ signal }) => ask(api.GET("/api/console/recharges/{recharge}", { params: { path: { recharge } }, signal })),
    staleTime: DETAIL_MS,
  });
}

/** The file that was handed in, as it is shown: kept while the page is open and no longer. Reading it is on record. */
export function proofQuery(upload: string) {
  return queryOptions({
    queryKey: ["console", "uploads", upload],
    queryFn: ({ signal }) => ask(api.GET("/api/console/uploads/{upload}", { params: { path: { upload } }, parseAs: "blob", signal })) as Promise<Blob>,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
}

/** Acts on one order; each puts what came of it on the page. */
export function useActs(recharge: string) {
  const client = useQueryClient();
  const params = { path: { recharge } };
  const kept = async <T extends Detail>(answer: Promise<T>): Promise<T> => {
    // What was refused was often decided by somebody else meanwhile: the page says so, too.
    const detail = await answer.catch((error: unknown) => {
      if (!isCancelled(error)) void client.invalidateQueries({ queryKey: detailQuery(recharge).queryKey });
      throw error;
    });
    client.setQueryData(detailQuery(recharge).queryKey, detail);
    void client.invalidateQueries({ queryKey: ["console", "recharges", "list"] });
    return detail;
  };
  return {
    claim: () => kept(ask(api.POST("/api/console/recharges/{recharge}/claim", { params }))),
    release: () => kept(ask(api.POST("/api/console/recharges/{recharge}/release", { params }))),
    preview: (body: Schemas["RechargeApproval"]) => ask(api.POST("/api/console/recharges/{recharge}/approve/preview", { params, body })),
    approve: (body: Schemas["RechargeApproval"]) => kept(ask(api.POST("/api/console/recharges/{recharge}/approve", { params, body }))),
    reject: (body: Schemas["RechargeRejection"]) => kept(ask(api.POST("/api/console/recharges/{recharge}/reject", { params, body }))),
    ask: (body: Schemas["RechargeQuestion"]) => kept(ask(api.POST("/api/console/recharges/{recharge}/ask", { params, body }))),
    duplicate: async (of: string, reason: string) =>
      kept(ask(api.POST("/api/console/recharges/{recharge}/duplicate", { params, body: { of: await idOf(of), reason } }))),
    reconcile: (reason: string) => kept(ask(api.POST("/api/console/recharges/{recharge}/reconcile", { params, body: { reason } }))),
  };
}

/** People know references, /api knows ids: find the one by the other. What is found by neither is refused there. */
async function idOf(text: string): Promise<string> {
  if (text.startsWith("rch_")) return text;
  const page = await ask(api.GET("/api/console/recharges", { params: { query: { state: "all", q: text } } }));
  return page.items.find((row) => row.reference === text.toUpperCase())?.id ?? text;
}
