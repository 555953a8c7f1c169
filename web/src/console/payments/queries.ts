import { queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Payment = Schemas["PaymentRow"];
export type EventRow = Schemas["PaymentEventRow"];
export type EventDetail = Schemas["PaymentEvent"];
export type Method = Schemas["PaymentMethod"];
export type Refused = Schemas["RefusedDeliveries"];

const LIST_MS = 15_000;

export function paymentsQuery(q: string, cursor: string) {
  return queryOptions({
    queryKey: ["console", "payments", "list", q, cursor],
    queryFn: ({ signal }) => ask(api.GET("/api/console/payments", { params: { query: { q: q || undefined, cursor: cursor || undefined } }, signal })),
    refetchInterval: LIST_MS,
  });
}

/** What payment services told us: without a state everything, newest first. */
export function eventsQuery(filters: { state: string; q: string; cursor: string }) {
  return queryOptions({
    queryKey: ["console", "events", "list", filters],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/console/payment-events", {
          params: { query: { state: (filters.state || undefined) as never, q: filters.q || undefined, cursor: filters.cursor || undefined } },
          signal,
        }),
      ),
    refetchInterval: LIST_MS,
  });
}

export function eventQuery(event: string) {
  return queryOptions({
    queryKey: ["console", "events", "one", event],
    queryFn: ({ signal }) => ask(api.GET("/api/console/payment-events/{event}", { params: { path: { event } }, signal })),
  });
}

/** How many deliveries were turned away, by day and cause. */
export const refusedQuery = queryOptions({
  queryKey: ["console", "events", "refused"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/payment-events/refused", { signal })),
});

export const methodsQuery = queryOptions({
  queryKey: ["console", "methods"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/payment-methods", { signal })),
});

/** Acts on one event; what they change is read again. */
export function useEventActs(event: string) {
  const client = useQueryClient();
  const params = { path: { event } };
  const kept = async <T>(answer: Promise<T>): Promise<T> => {
    const done = await answer;
    await client.invalidateQueries({ queryKey: ["console", "events"] });
    void client.invalidateQueries({ queryKey: ["console", "recharges"] });
    return done;
  };
  return {
    resend: (reason: string) => kept(ask(api.POST("/api/console/payment-events/{event}/resend", { params, body: { reason } }))),
    ignore: (reason: string) => kept(ask(api.POST("/api/console/payment-events/{event}/ignore", { params, body: { reason } }))),
  };
}

export function useMethodActs() {
  const client = useQueryClient();
  const kept = async <T>(answer: Promise<T>): Promise<T> => {
    const done = await answer;
    await client.invalidateQueries({ queryKey: methodsQuery.queryKey });
    return done;
  };
  return {
    add: (body: Schemas["PaymentMethodNew"]) => kept(ask(api.POST("/api/console/payment-methods", { body }))),
    change: (method: string, body: Schemas["PaymentMethodChange"]) =>
      kept(ask(api.PATCH("/api/console/payment-methods/{method}", { params: { path: { method } }, body }))),
  };
}
