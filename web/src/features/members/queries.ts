import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import { workspacesQuery } from "@/api/queries";

export type Detail = Schemas["WorkspaceDetail"];
export type Member = Schemas["MemberRow"];
export type Invitation = Schemas["InvitationRow"];
export type Role = Member["role"];
export type Keys = "stop" | "hand_over";

const at = (workspace: string) => ({ params: { path: { workspace } } });

export function detailQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "detail"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}", { ...at(workspace), signal })),
  });
}

export function membersQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "members"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/members", { ...at(workspace), signal })),
  });
}

export function invitationsQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "invitations"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/invitations", { ...at(workspace), signal })),
  });
}

/** What can be done with a workspace and its people. */
export function useTeamActs(workspace: string) {
  const client = useQueryClient();
  const again = (...names: string[]) => ({
    onSuccess: async () => {
      await Promise.all([
        ...names.map((name) => client.invalidateQueries({ queryKey: [workspace, name] })),
        client.invalidateQueries(workspacesQuery),
      ]);
    },
  });
  const member = (id: string) => ({ params: { path: { workspace, member: id } } });
  const invitation = (id: string) => ({ params: { path: { workspace, invitation: id } } });
  return {
    invite: useMutation({
      mutationFn: (body: Schemas["InvitationNew"]) => ask(api.POST("/api/workspaces/{workspace}/invitations", { ...at(workspace), body })),
      ...again("invitations"),
    }),
    resend: useMutation({
      mutationFn: (id: string) => ask(api.POST("/api/workspaces/{workspace}/invitations/{invitation}/resend", invitation(id))),
      ...again("invitations"),
    }),
    revoke: useMutation({
      mutationFn: (id: string) => ask(api.DELETE("/api/workspaces/{workspace}/invitations/{invitation}", invitation(id))),
      ...again("invitations"),
    }),
    change: useMutation({
      mutationFn: ({ id, body }: { id: string; body: Schemas["MemberChange"] }) =>
        ask(api.PATCH("/api/workspaces/{workspace}/members/{member}", { ...member(id), body })),
      ...again("members", "keys"),
    }),
    remove: useMutation({
      mutationFn: ({ id, keys }: { id: string; keys: Keys }) =>
        ask(api.POST("/api/workspaces/{workspace}/members/{member}/removal", { ...member(id), body: { keys } })),
      ...again("members", "keys", "detail"),
    }),
    leave: useMutation({
      mutationFn: (keys: Keys) => ask(api.POST("/api/workspaces/{workspace}/leaving", { ...at(workspace), body: { keys } })),
    }),
    settings: useMutation({
      mutationFn: (body: Partial<Schemas["WorkspaceChange"]>) =>
        ask(
          api.PATCH("/api/workspaces/{workspace}", {
            ...at(workspace),
            body: { no_daily_limit: false, no_low_balance_threshold: false, ...body },
          }),
        ),
      ...again("detail"),
    }),
    transfer: useMutation({
      mutationFn: (body: Schemas["OwnershipTransfer"]) => ask(api.POST("/api/workspaces/{workspace}/transfer", { ...at(workspace), body })),
      ...again("members", "detail"),
    }),
    delete: useMutation({
      mutationFn: (body: Schemas["WorkspaceDeletion"]) => ask(api.POST("/api/workspaces/{workspace}/deletion", { ...at(workspace), body })),
    }),
  };
}

/** After one left or deleted a workspace it is in no list any more. Call it once the page has gone elsewhere. */
export function useForget() {
  const client = useQueryClient();
  return async (workspace: string) => {
    client.setQueryData(workspacesQuery.queryKey, (rows) => rows?.filter((row) => row.id !== workspace));
    client.removeQueries({ queryKey: [workspace] });
    await client.invalidateQueries(workspacesQuery);
  };
}
