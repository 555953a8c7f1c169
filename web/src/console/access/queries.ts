import { queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Policy = Schemas["AccessPolicy"];
export type Queues = Schemas["AccessQueues"];
export type Employee = Schemas["StaffRow"];
export type Mode = Policy["sign_up"];

export const MODES: readonly Mode[] = ["open", "approval", "invite"];

const KEY = ["console", "access"];
const POLL_MS = 30_000;

export const policyQuery = queryOptions({
  queryKey: [...KEY, "policy"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/access", { signal })),
});

export const queuesQuery = queryOptions({
  queryKey: [...KEY, "queues"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/access/queues", { signal })),
  refetchInterval: POLL_MS,
});

export const staffQuery = queryOptions({
  queryKey: [...KEY, "staff"],
  queryFn: ({ signal }) => ask(api.GET("/api/console/staff", { signal })),
});

/** What an owner decides about who comes in; afterwards every part of the page asks again. */
export function useActs() {
  const client = useQueryClient();
  const known = async <Answer,>(answer: Promise<Answer>) => {
    // Somebody else may have decided meanwhile: the lists are asked again whatever came of it.
    try {
      return await answer;
    } finally {
      void client.invalidateQueries({ queryKey: KEY });
      void client.invalidateQueries({ queryKey: ["console", "users"] });
    }
  };
  const user = (id: string) => ({ params: { path: { user: id } } });
  const request = (id: string) => ({ params: { path: { request_: id } } });
  return {
    decide: (body: Schemas["PolicyChange"]) => known(ask(api.POST("/api/console/access", { body }))),
    approve: (id: string, reason: string) => known(ask(api.POST("/api/console/access/waiting/{user}/approve", { ...user(id), body: { reason } }))),
    decline: (id: string, body: Schemas["Declining"]) => known(ask(api.POST("/api/console/access/waiting/{user}/decline", { ...user(id), body }))),
    inviteAsker: (id: string, reason: string) => known(ask(api.POST("/api/console/access/requests/{request_}/invite", { ...request(id), body: { reason } }))),
    declineAsker: (id: string, body: Schemas["Declining"]) => known(ask(api.POST("/api/console/access/requests/{request_}/decline", { ...request(id), body }))),
    invite: (body: Schemas["InvitationOffer"]) => known(ask(api.POST("/api/console/access/invitations", { body }))),
    revoke: (id: string, reason: string) =>
      known(ask(api.POST("/api/console/access/invitations/{invitation}/revoke", { params: { path: { invitation: id } }, body: { reason } }))),
  };
}
