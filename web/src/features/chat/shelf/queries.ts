import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { chatKey, type ChatListing, type ChatRow, chatsKey, listChats } from "@/api/chats";
import { api, ask, type Schemas } from "@/api/client";
import { changed, extended, type Listed, refreshed, type View, viewName, without } from "./model";

export type Folder = Schemas["FolderRow"];
/** What an act has to know of a chat. */
export type Filed = Pick<ChatRow, "id" | "title" | "folder" | "pinned" | "archived" | "shared" | "mine">;

const PAGE = 50;
const MOST_AT_ONCE = 200;
const CALM_MS = 30_000;
const BUSY_MS = 3_000;

function listing(view: View): ChatListing {
  switch (view.kind) {
    case "all":
      return { archived: false };
    case "pinned":
      return { archived: false, pinned: true };
    case "archived":
      return { archived: true };
    case "shared":
      return { shared: true };
    case "folder":
      return { archived: false, folder: view.folder };
  }
}

function listKey(workspace: string, view: View): readonly unknown[] {
  return [...chatsKey(workspace), "list", viewName(view), view];
}

/** A list of chats. Whenever it is read again, one page is: what was read below it stays. */
export function useList(workspace: string, view: View) {
  const client = useQueryClient();
  const key = listKey(workspace, view);
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const page = await listChats(workspace, { ...listing(view), limit: PAGE }, signal);
      return refreshed(client.getQueryData<Listed>(key), page);
    },
    staleTime: 5_000,
    gcTime: 600_000,
    refetchInterval: (query) => (query.state.data?.rows.some((row) => row.running) ? BUSY_MS : CALM_MS),
  });
}

/** Reads on below the last row that is known. */
export function useMore(workspace: string, view: View) {
  const client = useQueryClient();
  const key = listKey(workspace, view);
  return useMutation({
    mutationKey: key,
    mutationFn: (cursor: string) => listChats(workspace, { ...listing(view), limit: PAGE, cursor }),
    onSuccess: (page, cursor) => {
      client.setQueryData<Listed>(key, (known) => (known?.next === cursor ? extended(known, page) : known));
    },
  });
}

export function foldersQuery(workspace: string) {
  return queryOptions({
    queryKey: [...chatsKey(workspace), "folders"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/chat/folders", { params: { path: { workspace } }, signal })),
    staleTime: 30_000,
  });
}

/** Return the views of a workspace that were read, with what is known of each. */
function lists(client: QueryClient, workspace: string): [readonly unknown[], View, Listed][] {
  return client
    .getQueriesData<Listed>({ queryKey: [...chatsKey(workspace), "list"] })
    .flatMap(([key, listed]) => (listed === undefined ? [] : [[key, key[4] as View, listed] as [readonly unknown[], View, Listed]]));
}

/** Show chats as they are now, in every list they belong to, before the server has said so. */
export function show(client: QueryClient, workspace: string, rows: readonly ChatRow[]): void {
  for (const [key, view, listed] of lists(client, workspace)) client.setQueryData(key, changed(listed, view, rows));
  for (const row of rows) {
    const { title, folder, pinned, archived, shared } = row;
    client.setQueryData<object>(chatKey(workspace, row.id), (chat) => (chat === undefined ? undefined : { ...chat, title, folder, pinned, archived, shared }));
  }
}

function hide(client: QueryClient, workspace: string, ids: ReadonlySet<string>): void {
  for (const [key, , listed] of lists(client, workspace)) client.setQueryData(key, without(listed, ids));
}

/** Return the rows of these chats that some list knows. */
function known(client: QueryClient, workspace: string, ids: readonly string[]): ChatRow[] {
  const found = new Map<string, ChatRow>();
  for (const [, , listed] of lists(client, workspace)) for (const row of listed.rows) found.set(row.id, row);
  return ids.flatMap((id) => found.get(id) ?? []);
}

export type Act =
  | { act: "pin" | "unpin" | "archive" | "unarchive" | "delete" | "restore"; chats: readonly string[] }
  | { act: "move"; chats: readonly string[]; folder: string | null };

const AFTER: Readonly<Partial<Record<Act["act"], Partial<ChatRow>>>> = {
  pin: { pinned: true },
  unpin: { pinned: false },
  archive: { archived: true },
  unarchive: { archived: false },
};

/** What is done with chats of a list. It shows at once, and is read again when the server has answered. */
export function useChatActs(workspace: string) {
  const client = useQueryClient();
  const again = () => {
    void client.invalidateQueries({ queryKey: chatsKey(workspace) });
  };
  const bulk = useMutation({
    mutationFn: async (asked: Act & { rows?: readonly ChatRow[] }) => {
      const { act, chats } = asked;
      const folder = asked.act === "move" ? asked.folder : null;
      for (let at = 0; at < chats.length; at += MOST_AT_ONCE)
        await ask(
          api.POST("/api/workspaces/{workspace}/chats/bulk", { params: { path: { workspace } }, body: { act, chats: chats.slice(at, at + MOST_AT_ONCE), folder } }),
        );
    },
    onMutate: async (act) => {
      // An answer that is on its way would bring back what was before.
      await client.cancelQueries({ queryKey: [...chatsKey(workspace), "list"] });
      if (act.act === "delete") hide(client, workspace, new Set(act.chats));
      else if (act.act === "restore") show(client, workspace, act.rows ?? []);
      else {
        const after = act.act === "move" ? { folder: act.folder } : AFTER[act.act];
        show(client, workspace, known(client, workspace, act.chats).map((row) => ({ ...row, ...after })));
      }
    },
    onSettled: again,
  });
  const change = useMutation({
    mutationFn: ({ chat, body }: { chat: string; body: { title?: string; shared?: boolean } }) =>
      ask(api.PATCH("/api/workspaces/{workspace}/chats/{chat}", { params: { path: { workspace, chat } }, body })),
    onMutate: async ({ chat, body }) => {
      await client.cancelQueries({ queryKey: [...chatsKey(workspace), "list"] });
      show(client, workspace, known(client, workspace, [chat]).map((row) => ({ ...row, ...body })));
    },
    onSuccess: (_, { chat }) => client.invalidateQueries({ queryKey: chatKey(workspace, chat) }),
    onSettled: again,
  });
  return { bulk, change, rows: (ids: readonly string[]) => known(client, workspace, ids) };
}

export function useFolderActs(workspace: string) {
  const client = useQueryClient();
  const path = { workspace };
  const again = { onSuccess: () => client.invalidateQueries({ queryKey: chatsKey(workspace) }) };
  return {
    create: useMutation({
      mutationFn: (body: Schemas["FolderNew"]) => ask(api.POST("/api/workspaces/{workspace}/chat/folders", { params: { path }, body })),
      ...again,
    }),
    change: useMutation({
      mutationFn: ({ folder, body }: { folder: string; body: Schemas["FolderChange"] }) =>
        ask(api.PATCH("/api/workspaces/{workspace}/chat/folders/{folder}", { params: { path: { workspace, folder } }, body })),
      ...again,
    }),
    remove: useMutation({
      mutationFn: (folder: string) =>
        ask(api.DELETE("/api/workspaces/{workspace}/chat/folders/{folder}", { params: { path: { workspace, folder } } })),
      ...again,
    }),
  };
}
