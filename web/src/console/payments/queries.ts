import { queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type EventRow = Schemas["PaymentEventRow"];
export type Method = Schemas["PaymentMethod"];

export const methodsQuery = queryOptions({
  queryKey: ["console", "methods"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/payment-methods", { signal })),
});

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
