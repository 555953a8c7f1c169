import { type QueryClient, queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/api/client";
import { workspacesQuery } from "@/api/queries";
import type { Tree } from "./types";

export function chatQuery(workspace: string, chat: string) {
  return queryOptions({
    queryKey: [workspace, "chat", chat],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/chats/{chat}", { params: { path: { workspace, chat } }, signal })),
    // Another tab may have gone on with it.
    staleTime: 2_000,
  });
}

export function receiptQuery(workspace: string, request: string) {
  return queryOptions({
    queryKey: [workspace, "usage", "request", request],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/workspaces/{workspace}/usage/requests/{request}", { params: { path: { workspace, request } }, signal })),
    refetchInterval: (query) => (query.state.data?.running ? 1_000 : false),
  });
}

/** Open the stream of an answer behind what is known of it. Errors: ApiError. */
export async function openStream(
  workspace: string,
  chat: string,
  message: string,
  from: { text: number; reasoning: number },
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const path = { workspace, chat, message };
  return ask(
    api.GET("/api/workspaces/{workspace}/chats/{chat}/messages/{message}/stream", {
      params: { path, query: from },
      parseAs: "stream",
      signal,
    }),
  ) as unknown as Promise<ReadableStream<Uint8Array>>;
}

const SETTLED_MS = 1_500;

/** Credits moved: balance, ledger and usage are read again, once more when the books have certainly been written. */
export function creditsMoved(client: QueryClient, workspace: string): void {
  const read = () => {
    void client.invalidateQueries({ queryKey: workspacesQuery.queryKey });
    for (const what of ["ledger", "usage", "overview", "chats"]) void client.invalidateQueries({ queryKey: [workspace, what] });
  };
  read();
  setTimeout(read, SETTLED_MS);
}

/** Change what is known of a chat, without asking the server. */
export function changeTree(client: QueryClient, workspace: string, chat: string, change: (tree: Tree) => Tree): void {
  client.setQueryData(chatQuery(workspace, chat).queryKey, (tree: Tree | undefined) => (tree === undefined ? tree : change(tree)));
}

