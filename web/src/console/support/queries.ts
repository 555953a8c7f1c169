import { queryOptions } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type QueueRow = Schemas["QueueRow"];
export type ConsoleTicket = Schemas["ConsoleTicket"];
export type QueueState = "open" | "waiting" | "unsolved" | "solved" | "all";

/** Every answer about tickets begins with it. */
export const KEY = ["console", "support"] as const;
const POLL_MS = 15_000;

export interface Wanted {
  state: QueueState;
  assigned: string;
  q: string;
  cursor: string;
}

export function queueQuery(wanted: Wanted) {
  const query = {
    state: wanted.state,
    assigned: wanted.assigned === "" ? undefined : wanted.assigned,
    q: wanted.q.length < 2 ? undefined : wanted.q,
    cursor: wanted.cursor === "" ? undefined : wanted.cursor,
  };
  return queryOptions({
    queryKey: [...KEY, "queue", query],
    queryFn: ({ signal }) => ask(api.GET("/api/console/tickets", { params: { query }, signal })),
    refetchInterval: POLL_MS,
  });
}

export const countsQuery = queryOptions({
  queryKey: [...KEY, "counts"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/tickets/summary", { signal })),
  refetchInterval: POLL_MS,
});

/** Each reading is on record: asked when the page is opened and after an act, never by itself. */
export function ticketQuery(ticket: string) {
  return queryOptions({
    queryKey: [...KEY, "ticket", ticket],
    queryFn: ({ signal }) => ask(api.GET("/api/console/tickets/{ticket}", { params: { path: { ticket } }, signal })),
    refetchOnWindowFocus: false,
    staleTime: 60_000,
  });
}

export const staffQuery = queryOptions({
  queryKey: [...KEY, "staff"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/tickets/staff", { signal })),
  staleTime: 300_000,
});

export const cannedQuery = queryOptions({
  queryKey: [...KEY, "canned"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/tickets/canned", { signal })),
  staleTime: Infinity,
});
