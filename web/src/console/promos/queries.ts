import { keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type PromoCode = Schemas["PromoCodeRow"];
export type Redemption = Schemas["PromoRedemptionRow"];
export type NewCode = Schemas["PromoCodeNew"];

const KEY = ["console", "promos"];

export function codesQuery(cursor: string) {
  return queryOptions({
    queryKey: [...KEY, "list", cursor],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/console/promo-codes", { params: { query: { cursor: cursor === "" ? undefined : cursor } }, signal })),
    placeholderData: keepPreviousData,
  });
}

const of = (code: string) => ({ params: { path: { code } } });

export function codeQuery(code: string) {
  return queryOptions({
    queryKey: [...KEY, code],
    queryFn: ({ signal }) => ask(api.GET("/api/console/promo-codes/{code}", { ...of(code), signal })),
  });
}

export function redemptionsQuery(code: string, cursor: string) {
  return queryOptions({
    queryKey: [...KEY, code, "redemptions", cursor],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/console/promo-codes/{code}/redemptions", {
          params: { path: { code }, query: { cursor: cursor === "" ? undefined : cursor } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** What can be done with promo codes; afterwards every list knows. */
export function usePromoActs() {
  const client = useQueryClient();
  const known = async <T>(answer: Promise<T>): Promise<T> => {
    const done = await answer;
    await client.invalidateQueries({ queryKey: KEY });
    return done;
  };
  return {
    create: (body: NewCode) => known(ask(api.POST("/api/console/promo-codes", { body }))),
    approve: (code: string, reason: string) =>
      known(ask(api.POST("/api/console/promo-codes/{code}/approve", { ...of(code), body: { reason } }))),
    retire: (code: string, reason: string) =>
      known(ask(api.POST("/api/console/promo-codes/{code}/retire", { ...of(code), body: { reason } }))),
  };
}
