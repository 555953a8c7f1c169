import { keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Row = Schemas["StaffDisputeRow"];
export type Detail = Schemas["StaffDispute"];

export const WANTED = ["todo", "warned", "inquiry", "open", "under_review", "won", "lost", "closed", "all"] as const;
export type Wanted = (typeof WANTED)[number];

const KEY = ["console", "disputes"];
const LIST_MS = 30_000;

export function disputesQuery(state: Wanted, cursor: string) {
  return queryOptions({
    queryKey: [...KEY, "list", state, cursor],
    queryFn: ({ signal }) => ask(api.GET("/api/console/disputes", { params: { query: { state, cursor: cursor || undefined } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: cursor === "" ? LIST_MS : false,
  });
}

const of = (dispute: string) => ({ params: { path: { dispute } } });

/** Whoever reads it is on record: it is not asked for again by itself. */
export function disputeQuery(dispute: string) {
  return queryOptions({
    queryKey: [...KEY, "one", dispute],
    queryFn: ({ signal }) => ask(api.GET("/api/console/disputes/{dispute}", { ...of(dispute), signal })),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

/** Note a dispute of a payment by hand; afterwards every list knows. */
export function useEnter() {
  const client = useQueryClient();
  return async (body: Schemas["DisputeNew"]) => {
    const answer = await ask(api.POST("/api/console/disputes", { body }));
    await client.invalidateQueries({ queryKey: KEY });
    return answer;
  };
}

/** What can be done about a dispute; afterwards the page and every list know. */
export function useActs(dispute: string) {
  const client = useQueryClient();
  const known = async <Answer extends Detail>(asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    client.setQueryData(disputeQuery(dispute).queryKey, answer);
    await client.invalidateQueries({ queryKey: [...KEY, "list"] });
    return answer;
  };
  const at = of(dispute);
  return {
    evidenceSent: (reason: string) => known(ask(api.POST("/api/console/disputes/{dispute}/evidence-sent", { ...at, body: { reason } }))),
    close: (outcome: "won" | "lost" | "closed", reason: string) =>
      known(ask(api.POST("/api/console/disputes/{dispute}/close", { ...at, body: { outcome, reason } }))),
    previewWriteOff: (credits: string) =>
      ask(api.POST("/api/console/disputes/{dispute}/write-off/preview", { ...at, body: { credits, reason: "" } })),
    writeOff: (credits: string, reason: string) =>
      known(ask(api.POST("/api/console/disputes/{dispute}/write-off", { ...at, body: { credits, reason } }))),
    unfreeze: (reason: string) => known(ask(api.POST("/api/console/disputes/{dispute}/unfreeze", { ...at, body: { reason } }))),
  };
}
