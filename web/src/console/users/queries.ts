import { keepPreviousData, queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Row = Schemas["UserRow"];
export type Detail = Schemas["UserDetail"];
export type Role = NonNullable<Detail["staff_role"]>;

export const SHOWN = ["all", "frozen", "disabled", "pending", "unverified", "staff"] as const;
export type Shown = (typeof SHOWN)[number];
export const ROLES: readonly Role[] = ["owner", "finance", "support", "auditor"];

const KEY = ["console", "users"];

export function usersQuery(show: Shown, q: string, cursor: string) {
  return queryOptions({
    queryKey: [...KEY, "list", show, q, cursor],
    queryFn: ({ signal }) => ask(api.GET("/api/console/users", { params: { query: { show, q, cursor: cursor || undefined } }, signal })),
    placeholderData: keepPreviousData,
  });
}

const of = (user: string) => ({ params: { path: { user } } });

/** Whoever reads it is on record: it is not asked for again by itself. */
export function userQuery(user: string) {
  return queryOptions({
    queryKey: [...KEY, "one", user],
    queryFn: ({ signal }) => ask(api.GET("/api/console/users/{user}", { ...of(user), signal })),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

/** What can be done about a person; afterwards the page knows, and lists ask again. */
export function useActs(user: string) {
  const client = useQueryClient();
  const at = of(user);
  const known = async (answer: Promise<Schemas["UserActed"]>) => {
    const acted = await answer;
    client.setQueryData(userQuery(user).queryKey, acted);
    void client.invalidateQueries({ queryKey: [...KEY, "list"] });
    void client.invalidateQueries({ queryKey: ["console", "workspaces"] });
    void client.invalidateQueries({ queryKey: ["console", "access"] });
    return acted;
  };
  return {
    freeze: (body: Schemas["FreezeNew"]) => known(ask(api.POST("/api/console/users/{user}/freeze", { ...at, body }))),
    unfreeze: (reason: string) => known(ask(api.POST("/api/console/users/{user}/unfreeze", { ...at, body: { reason } }))),
    signOut: (reason: string) => known(ask(api.POST("/api/console/users/{user}/sign-out", { ...at, body: { reason } }))),
    resetFactor: (body: Schemas["FactorReset"]) => known(ask(api.POST("/api/console/users/{user}/reset-factor", { ...at, body }))),
    disable: (reason: string) => known(ask(api.POST("/api/console/users/{user}/disable", { ...at, body: { reason } }))),
    enable: (reason: string) => known(ask(api.POST("/api/console/users/{user}/enable", { ...at, body: { reason } }))),
    changeRole: (body: Schemas["RoleChange"]) => known(ask(api.POST("/api/console/users/{user}/role", { ...at, body }))),
  };
}
