import { keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Row = Schemas["AlertRow"];
export type Detail = Schemas["AlertDetail"];
export type Notice = Schemas["AlertNotice"];
export type AlertSettings = Schemas["AlertSettingsOut"];
export type Threshold = Schemas["Threshold"];

export const WANTED = ["current", "open", "acknowledged", "resolved", "all"] as const;
export type Wanted = (typeof WANTED)[number];

const KEY = ["console", "alerts"];
const SETTINGS = ["console", "alert-settings"];
const LIST_MS = 15_000;
/** What somebody just asked for is delivered within seconds. */
const NOTICES_MS = 5_000;

export function alertsQuery(state: Wanted, cursor: string) {
  return queryOptions({
    queryKey: [...KEY, "list", state, cursor],
    queryFn: ({ signal }) => ask(api.GET("/api/console/alerts", { params: { query: { state, cursor: cursor || undefined } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: cursor === "" ? LIST_MS : false,
  });
}

/** For the bell. */
export const summaryQuery = queryOptions({
  queryKey: [...KEY, "summary"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/alerts/summary", { signal })),
  refetchInterval: LIST_MS * 2,
});

export function alertQuery(alert: string) {
  return queryOptions({
    queryKey: [...KEY, "one", alert],
    queryFn: ({ signal }) => ask(api.GET("/api/console/alerts/{alert}", { params: { path: { alert } }, signal })),
    refetchInterval: LIST_MS,
  });
}

export const settingsQuery = queryOptions({
  queryKey: [...SETTINGS, "now"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/alert-settings", { signal })),
});

export function noticesQuery(cursor: string) {
  return queryOptions({
    queryKey: [...SETTINGS, "notices", cursor],
    queryFn: ({ signal }) => ask(api.GET("/api/console/alert-settings/notices", { params: { query: { cursor: cursor || undefined, limit: 20 } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: cursor === "" ? NOTICES_MS : false,
  });
}

export const protectionQuery = queryOptions({
  queryKey: ["console", "protection"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/protection", { signal })),
});

/** What can be done; afterwards every list knows. */
export function useAlertActs() {
  const client = useQueryClient();
  const told = async <Answer>(asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    await Promise.all([client.invalidateQueries({ queryKey: KEY }), client.invalidateQueries({ queryKey: SETTINGS })]);
    return answer;
  };
  return {
    acknowledge: (alert: string, reason: string) => told(ask(api.POST("/api/console/alerts/{alert}/acknowledge", { params: { path: { alert } }, body: { reason } }))),
    end: (alert: string, reason: string) => told(ask(api.POST("/api/console/alerts/{alert}/end", { params: { path: { alert } }, body: { reason } }))),
    setRecipients: (body: Schemas["RecipientsWish"]) => told(ask(api.PUT("/api/console/alert-settings/recipients", { body }))),
    setWebhook: (body: Schemas["WebhookWish"]) => told(ask(api.PUT("/api/console/alert-settings/webhook", { body }))),
    rotate: (reason: string) => told(ask(api.POST("/api/console/alert-settings/webhook/rotate", { body: { reason } }))),
    remove: (reason: string) => told(ask(api.POST("/api/console/alert-settings/webhook/remove", { body: { reason } }))),
    test: (reason: string) => told(ask(api.POST("/api/console/alert-settings/test", { body: { reason } }))),
    sendAgain: (delivery: string, reason: string) =>
      told(ask(api.POST("/api/console/alert-settings/deliveries/{delivery}/send", { params: { path: { delivery } }, body: { reason } }))),
    protect: async (changes: Record<string, string>, reason: string) => {
      const answer = await ask(api.PUT("/api/console/protection", { body: { changes, reason } }));
      client.setQueryData(protectionQuery.queryKey, answer.thresholds);
      return answer;
    },
  };
}
