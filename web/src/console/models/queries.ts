import { queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Row = Schemas["StaffModelRow"];
export type Model = Schemas["StaffModel"];
export type Route = Schemas["ModelRouteRow"];
export type Rates = Schemas["RatesOut"];
export type RatesTyped = Schemas["RatesIn"];
export type Version = Schemas["PriceVersionRow"];
export type Planned = Schemas["PricePlanned"];
export type PricePreview = Schemas["PricePreview"];
export type ListPreview = Schemas["PriceListPreview"];
export type ListRow = Schemas["PriceListRow"];
export type ListWanted = Schemas["PriceListWanted"];
type Changed = Schemas["StaffModelActed"];

const KEY = ["console", "models"];
const LIST_MS = 30_000;

export function modelsQuery() {
  return queryOptions({
    queryKey: [...KEY, "list"],
    queryFn: ({ signal }) => ask(api.GET("/api/console/models", { signal })),
    refetchInterval: LIST_MS,
  });
}

/** One model; its address has `~` for `/`. */
export function modelQuery(address: string) {
  return queryOptions({
    queryKey: [...KEY, "one", address],
    queryFn: ({ signal }) => ask(api.GET("/api/console/models/{model}", { params: { path: { model: address } }, signal })),
  });
}

export function previewPrice(model: string, body: Planned) {
  return ask(api.POST("/api/console/models/{model}/prices/preview", { params: { path: { model } }, body }));
}

export function previewList(body: ListWanted) {
  return ask(api.POST("/api/console/price-lists/preview", { body }));
}

/** What can be done with one model; afterwards every list knows. */
export function useModelActs(model: string) {
  const client = useQueryClient();
  const params = { path: { model } };
  const known = async (answer: Promise<Changed>): Promise<Changed> => {
    const done = await answer;
    client.setQueryData(modelQuery(model).queryKey, done);
    await client.invalidateQueries({ queryKey: KEY });
    return done;
  };
  return {
    price: (body: Schemas["PriceNew"]) => known(ask(api.POST("/api/console/models/{model}/prices", { params, body }))),
    withdraw: (version: string, reason: string) =>
      known(ask(api.POST("/api/console/models/{model}/prices/withdraw", { params, body: { version, reason } }))),
    edit: (body: Schemas["ModelEdit"]) => known(ask(api.PATCH("/api/console/models/{model}", { params, body }))),
    hide: (hidden: boolean, reason: string) =>
      known(ask(api.POST("/api/console/models/{model}/visibility", { params, body: { hidden, reason } }))),
    sell: (enabled: boolean, reason: string) =>
      known(ask(api.POST("/api/console/models/{model}/sale", { params, body: { enabled, reason } }))),
    deprecate: (body: Schemas["ModelEnd"]) => known(ask(api.POST("/api/console/models/{model}/deprecate", { params, body }))),
    restore: (reason: string) => known(ask(api.POST("/api/console/models/{model}/restore", { params, body: { reason } }))),
    cap: (daily: string | null, reason: string) =>
      known(ask(api.POST("/api/console/models/{model}/cap", { params, body: { daily, reason } }))),
    alias: (alias: string, reason: string) =>
      known(ask(api.POST("/api/console/models/{model}/aliases", { params, body: { alias, reason } }))),
    unalias: (alias: string, reason: string) =>
      known(ask(api.POST("/api/console/models/{model}/aliases/remove", { params, body: { alias, reason } }))),
    addRoute: (body: Schemas["RouteNew"]) => known(ask(api.POST("/api/console/models/{model}/routes", { params, body }))),
    editRoute: (route: string, body: Schemas["RouteEdit"]) =>
      known(ask(api.PATCH("/api/console/models/{model}/routes/{route}", { params: { path: { model, route } }, body }))),
  };
}

export function useImport() {
  const client = useQueryClient();
  return async (body: Schemas["PriceListApplied"]) => {
    const done = await ask(api.POST("/api/console/price-lists", { body }));
    await client.invalidateQueries({ queryKey: KEY });
    return done;
  };
}
