import { keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Row = Schemas["StaffRefundRow"];
export type Detail = Schemas["StaffRefund"];

export const WANTED = ["todo", "requested", "approved", "sent", "paid", "failed", "rejected", "converted", "cancelled", "flagged", "all"] as const;
export type Wanted = (typeof WANTED)[number];

const KEY = ["console", "refunds"];
const LIST_MS = 15_000;

export function refundsQuery(state: Wanted, cursor: string) {
  return queryOptions({
    queryKey: [...KEY, "list", state, cursor],
    queryFn: ({ signal }) => ask(api.GET("/api/console/refunds", { params: { query: { state, cursor: cursor || undefined } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: cursor === "" ? LIST_MS : false,
  });
}

const of = (refund: string) => ({ params: { path: { refund } } });

/** Whoever reads it is on record: it is not asked for again by itself. */
export function refundQuery(refund: string) {
  return queryOptions({
    queryKey: [...KEY, "one", refund],
    queryFn: ({ signal }) => ask(api.GET("/api/console/refunds/{refund}", { ...of(refund), signal })),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

/** What can be done with a refund; afterwards the page and every list know. */
export function useActs(refund: string) {
  const client = useQueryClient();
  const known = async <Answer extends Detail>(asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    client.setQueryData(refundQuery(refund).queryKey, answer);
    await client.invalidateQueries({ queryKey: [...KEY, "list"] });
    return answer;
  };
  const at = of(refund);
  return {
    refresh: () => client.invalidateQueries({ queryKey: KEY }),
    claim: () => known(ask(api.POST("/api/console/refunds/{refund}/claim", at))),
    release: () => known(ask(api.POST("/api/console/refunds/{refund}/release", at))),
    previewApproval: (body: Schemas["RefundPlanning"]) => ask(api.POST("/api/console/refunds/{refund}/approve/preview", { ...at, body })),
    approve: (body: Schemas["RefundApproval"]) => known(ask(api.POST("/api/console/refunds/{refund}/approve", { ...at, body }))),
    reject: (body: Schemas["RefundRejection"]) => known(ask(api.POST("/api/console/refunds/{refund}/reject", { ...at, body }))),
    previewConversion: (body: Schemas["RefundConversion"]) => ask(api.POST("/api/console/refunds/{refund}/convert/preview", { ...at, body })),
    convert: (body: Schemas["RefundConversion"]) => known(ask(api.POST("/api/console/refunds/{refund}/convert", { ...at, body }))),
    paid: (body: Schemas["RefundPaid"]) => known(ask(api.POST("/api/console/refunds/{refund}/paid", { ...at, body }))),
    retry: (reason: string) => known(ask(api.POST("/api/console/refunds/{refund}/retry", { ...at, body: { reason } }))),
    giveBack: (reason: string) => known(ask(api.POST("/api/console/refunds/{refund}/return", { ...at, body: { reason } }))),
  };
}
