import { keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type CaseRow = Schemas["CaseRow"];
export type Case = Schemas["RiskCase"];
export type Hit = Schemas["RiskHit"];
export type Rule = Schemas["RiskRule"];
export type Kind = Schemas["KindSpec"];
export type Spec = Schemas["ParameterSpec"];
export type RuleFields = Schemas["DryRunAsked"];
export type Tried = Schemas["DryRunResult"];
export type Decision = Schemas["CaseDecision"]["decision"];

export const VIEWS = ["open", "mine", "unassigned", "decided", "all"] as const;
export type View = (typeof VIEWS)[number];
const ASKED = {
  open: { state: "open" },
  mine: { state: "open", assigned: "me" },
  unassigned: { state: "open", assigned: "nobody" },
  decided: { state: "decided" },
  all: { state: "all" },
} as const;

const KEY = ["console", "risk"];
const LIST_MS = 20_000;

export function casesQuery(view: View, cursor: string) {
  return queryOptions({
    queryKey: [...KEY, "list", view, cursor],
    queryFn: ({ signal }) => ask(api.GET("/api/console/risk/cases", { params: { query: { ...ASKED[view], cursor: cursor || undefined } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: cursor === "" ? LIST_MS : false,
  });
}

export const countsQuery = queryOptions({
  queryKey: [...KEY, "list", "counts"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/risk/summary", { signal })),
  refetchInterval: LIST_MS,
});

/** Whoever reads it is on record: it is not asked for again by itself. */
export function caseQuery(id: string) {
  return queryOptions({
    queryKey: [...KEY, "one", id],
    queryFn: ({ signal }) => ask(api.GET("/api/console/risk/cases/{case}", { params: { path: { case: id } }, signal })),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

export const rulesQuery = queryOptions({
  queryKey: [...KEY, "rules"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/risk/rules", { signal })),
});

/** What can be done about a case; afterwards the page and every list know. */
export function useActs(id: string) {
  const client = useQueryClient();
  const at = { params: { path: { case: id } } };
  const known = async <Answer extends Case>(asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    client.setQueryData(caseQuery(id).queryKey, answer);
    await client.invalidateQueries({ queryKey: [...KEY, "list"] });
    return answer;
  };
  const again = async <Answer>(asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    await client.invalidateQueries({ queryKey: KEY });
    return answer;
  };
  return {
    assign: (assignee: "me" | null, expected: string | null) =>
      known(ask(api.POST("/api/console/risk/cases/{case}/assign", { ...at, body: { assignee, expected, reason: "" } }))),
    note: (text: string) => known(ask(api.POST("/api/console/risk/cases/{case}/notes", { ...at, body: { text } }))),
    decide: (body: Schemas["CaseDecision"]) => known(ask(api.POST("/api/console/risk/cases/{case}/decide", { ...at, body }))),
    reverse: (hit: string, reason: string) =>
      again(ask(api.POST("/api/console/risk/hits/{hit}/reverse", { params: { path: { hit } }, body: { reason } }))),
    trust: (workspace: string, trusted: boolean, reason: string) =>
      again(ask(api.POST("/api/console/risk/workspaces/{workspace}/trust", { params: { path: { workspace } }, body: { trusted, reason } }))),
  };
}

/** Report a workspace by hand; afterwards every list knows. */
export function useReport() {
  const client = useQueryClient();
  return async (workspace: string, reason: string) => {
    const answer = await ask(api.POST("/api/console/risk/cases", { body: { workspace, reason } }));
    await client.invalidateQueries({ queryKey: KEY });
    return answer;
  };
}

export const tryRule = (body: RuleFields) => ask(api.POST("/api/console/risk/rules/dry-run", { body }));

/** Save a rule: a new one, or a new version of one. */
export function useSave() {
  const client = useQueryClient();
  return async (fields: Omit<RuleFields, "days">, reason: string, before: Rule | null) => {
    const answer =
      before === null
        ? await ask(api.POST("/api/console/risk/rules", { body: { ...fields, reason } }))
        : await ask(
            api.PUT("/api/console/risk/rules/{rule}", {
              params: { path: { rule: before.id } },
              body: { ...fields, reason, expected_version: before.version },
            }),
          );
    await client.invalidateQueries({ queryKey: [...KEY, "rules"] });
    return answer;
  };
}
