import { keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Row = Schemas["CreditProposalRow"];
export type Detail = Schemas["CreditProposal"];
export type Charged = Schemas["ChargedRequest"];
export type Wish = Schemas["CreditsWish"];

export const WANTED = ["all", "open", "booked", "rejected", "withdrawn", "expired"] as const;
export type Wanted = (typeof WANTED)[number];

const KEY = ["console", "credits"];
const LIST_MS = 15_000;

export function proposalsQuery(state: Wanted, workspace: string, cursor: string) {
  return queryOptions({
    queryKey: [...KEY, "list", state, workspace, cursor],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/console/credits", { params: { query: { state, workspace: workspace || undefined, cursor: cursor || undefined } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: cursor === "" ? LIST_MS : false,
    retry: false,
  });
}

const of = (proposal: string) => ({ params: { path: { proposal } } });

/** Whoever reads it is on record: it is not asked for again by itself. */
export function proposalQuery(proposal: string) {
  return queryOptions({
    queryKey: [...KEY, "one", proposal],
    queryFn: ({ signal }) => ask(api.GET("/api/console/credits/{proposal}", { ...of(proposal), signal })),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

/** How a request was charged; on record as well. */
export function chargeQuery(request: string) {
  return queryOptions({
    queryKey: [...KEY, "request", request],
    queryFn: ({ signal }) => ask(api.GET("/api/console/credits/requests/{request}", { params: { path: { request } }, signal })),
    enabled: request !== "",
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: false,
  });
}

/** What can be done about Credits by hand; afterwards every page that shows them knows. */
export function useCreditActs() {
  const client = useQueryClient();
  const known = async <Answer extends Detail>(asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    client.setQueryData(proposalQuery(answer.id).queryKey, answer);
    await Promise.all([
      client.invalidateQueries({ queryKey: [...KEY, "list"] }),
      client.invalidateQueries({ queryKey: [...KEY, "request"] }),
      client.invalidateQueries({ queryKey: ["console", "workspaces"] }),
    ]);
    return answer;
  };
  return {
    refresh: () => client.invalidateQueries({ queryKey: KEY }),
    preview: (body: Schemas["CreditsPlanning"]) => ask(api.POST("/api/console/credits/preview", { body })),
    propose: (body: Wish) => known(ask(api.POST("/api/console/credits", { body }))),
    previewApproval: (proposal: string) => ask(api.POST("/api/console/credits/{proposal}/approve/preview", of(proposal))),
    approve: (proposal: string, reason: string) => known(ask(api.POST("/api/console/credits/{proposal}/approve", { ...of(proposal), body: { reason } }))),
    reject: (proposal: string, reason: string) => known(ask(api.POST("/api/console/credits/{proposal}/reject", { ...of(proposal), body: { reason } }))),
    withdraw: (proposal: string, reason: string) => known(ask(api.POST("/api/console/credits/{proposal}/withdraw", { ...of(proposal), body: { reason } }))),
  };
}
