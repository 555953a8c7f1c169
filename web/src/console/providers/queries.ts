import { queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Row = Schemas["ProviderRow"];
export type Detail = Schemas["ProviderDetail"];
export type Route = Schemas["ProviderRoute"];
export type Health = Schemas["ProviderHealth"];
export type Tested = Schemas["TestResult"];
export type Reconciled = Schemas["ReconciledDay"];
export type Span = "hour" | "day";

const KEY = ["console", "providers"];
const LIST_MS = 15_000;

export function providersQuery() {
  return queryOptions({
    queryKey: [...KEY, "list"],
    queryFn: ({ signal }) => ask(api.GET("/api/console/providers", { signal })),
    refetchInterval: LIST_MS,
  });
}

const of = (provider: string) => ({ params: { path: { provider } } });

export function providerQuery(provider: string) {
  return queryOptions({
    queryKey: [...KEY, "one", provider],
    queryFn: ({ signal }) => ask(api.GET("/api/console/providers/{provider}", { ...of(provider), signal })),
    refetchInterval: LIST_MS,
  });
}

export function healthQuery(provider: string, span: Span) {
  return queryOptions({
    queryKey: [...KEY, "health", provider, span],
    queryFn: ({ signal }) => ask(api.GET("/api/console/providers/{provider}/health", { params: { path: { provider }, query: { span } }, signal })),
    refetchInterval: LIST_MS,
  });
}

/** What can be done with a provider; afterwards the page and the list know. */
export function useActs(provider: string) {
  const client = useQueryClient();
  const known = async <Answer extends Detail>(asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    client.setQueryData(providerQuery(answer.name).queryKey, answer);
    await client.invalidateQueries({ queryKey: KEY });
    return answer;
  };
  const at = of(provider);
  return {
    add: (body: Schemas["ProviderNew"]) => known(ask(api.POST("/api/console/providers", { body }))),
    move: (body: Schemas["AddressChange"]) => known(ask(api.PUT("/api/console/providers/{provider}/address", { ...at, body }))),
    replaceKey: (body: Schemas["KeyChange"]) => known(ask(api.PUT("/api/console/providers/{provider}/key", { ...at, body }))),
    removeKey: (reason: string) => known(ask(api.POST("/api/console/providers/{provider}/key/remove", { ...at, body: { reason } }))),
    enable: (reason: string) => known(ask(api.POST("/api/console/providers/{provider}/enable", { ...at, body: { reason } }))),
    disable: (reason: string) => known(ask(api.POST("/api/console/providers/{provider}/disable", { ...at, body: { reason } }))),
    bound: (body: Schemas["BoundChange"]) => known(ask(api.PUT("/api/console/providers/{provider}/bound", { ...at, body }))),
    cap: (body: Schemas["CapsChange"]) => known(ask(api.PUT("/api/console/providers/{provider}/caps", { ...at, body }))),
    changeRoute: (route: string, body: Schemas["RouteChange"]) =>
      known(ask(api.PATCH("/api/console/providers/{provider}/routes/{route}", { params: { path: { provider, route } }, body }))),
    test: async (body: Schemas["TestCall"]) => {
      const answer = await ask(api.POST("/api/console/providers/{provider}/test", { ...at, body }));
      await client.invalidateQueries({ queryKey: KEY });
      return answer;
    },
  };
}

export function reconciliationsQuery(provider: string) {
  return queryOptions({
    queryKey: [...KEY, "days", provider],
    queryFn: ({ signal }) => ask(api.GET("/api/console/providers/{provider}/reconciliations", { ...of(provider), signal })),
  });
}

/** What can be done about the report of a provider. */
export function useReportActs(provider: string) {
  const client = useQueryClient();
  const known = async <Answer>(asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    await client.invalidateQueries({ queryKey: KEY });
    return answer;
  };
  const at = of(provider);
  return {
    setKey: (body: Schemas["ReportingKey"]) => known(ask(api.PUT("/api/console/providers/{provider}/reporting-key", { ...at, body }))),
    removeKey: (reason: string) => known(ask(api.POST("/api/console/providers/{provider}/reporting-key/remove", { ...at, body: { reason } }))),
    reconcile: (reason: string) => known(ask(api.POST("/api/console/providers/{provider}/reconcile", { ...at, body: { reason } }))),
  };
}
