import { keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type System = Schemas["System"];
export type Job = Schemas["Job"];
export type Setting = Schemas["Setting"];
export type MailRow = Schemas["MailRow"];
export type MailState = MailRow["state"];

const KEY = ["console", "system"];
const LIST_MS = 15_000;
export const MAIL_STATES = ["queued", "failed", "kept", "sent"] as const satisfies readonly MailState[];

export const systemQuery = queryOptions({
  queryKey: [...KEY, "facts"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/system", { signal })),
  refetchInterval: LIST_MS,
});

export const settingsQuery = queryOptions({
  queryKey: [...KEY, "settings"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/system/settings", { signal })),
});

export function mailsQuery(filters: { state: string; to: string; cursor: string }) {
  return queryOptions({
    queryKey: [...KEY, "mails", filters],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/console/system/mails", {
          params: {
            query: { state: MAIL_STATES.find((one) => one === filters.state), to: filters.to || undefined, cursor: filters.cursor || undefined },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: filters.cursor === "" ? LIST_MS : false,
  });
}

/** Whoever reads it proves who they are, and is on record: it is not asked for again by itself. */
export function mailQuery(mail: string) {
  return queryOptions({
    queryKey: [...KEY, "mail", mail],
    queryFn: ({ signal }) => ask(api.GET("/api/console/system/mails/{mail}", { params: { path: { mail } }, signal })),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: false,
  });
}

export function useSystemActs() {
  const client = useQueryClient();
  const known = async <Answer>(asked: Promise<Answer>): Promise<Answer> => {
    const answer = await asked;
    await Promise.all(["facts", "mails"].map((part) => client.invalidateQueries({ queryKey: [...KEY, part] })));
    return answer;
  };
  return {
    resend: (mail: string, reason: string) =>
      known(ask(api.POST("/api/console/system/mails/{mail}/resend", { params: { path: { mail } }, body: { reason } }))),
    drill: (what: string, reason: string) => known(ask(api.POST("/api/console/system/restore-drill", { body: { what, reason } }))),
  };
}
