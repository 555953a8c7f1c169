import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Audience = Schemas["ShareRow"]["audience"];

/** The links that a person has made here and that still work. */
export function sharesQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "chat-shares"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/chat/shares", { params: { path: { workspace } }, signal })),
  });
}

export function useShareActs(workspace: string) {
  const client = useQueryClient();
  const again = { onSuccess: () => client.invalidateQueries({ queryKey: sharesQuery(workspace).queryKey }) };
  return {
    create: useMutation({
      mutationFn: ({ chat, audience }: { chat: string; audience: Audience }) =>
        ask(api.POST("/api/workspaces/{workspace}/chats/{chat}/shares", { params: { path: { workspace, chat } }, body: { audience } })),
      ...again,
    }),
    revoke: useMutation({
      mutationFn: (share: string) => ask(api.DELETE("/api/workspaces/{workspace}/chat/shares/{share}", { params: { path: { workspace, share } } })),
      ...again,
    }),
  };
}
