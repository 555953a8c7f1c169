import { type QueryClient, queryOptions } from "@tanstack/react-query";

import { api, ask, type Schemas } from "./client";

/* What the thread, the shelf, the search and the settings of the chat share. */

export type ChatSettings = Schemas["ChatSettings"];
export type ChatParameters = Schemas["Parameters"];

/** A chat in a list. */
export type ChatRow = Schemas["ChatRow"];
export type ChatPage = Schemas["Page_ChatRow_"];

export interface ChatListing {
  q?: string;
  folder?: string;
  archived?: boolean;
  pinned?: boolean;
  shared?: boolean;
  cursor?: string;
  limit?: number;
}

/** Every answer about lists of chats begins with it: make them read again after a chat changed. */
export function chatsKey(workspace: string): readonly string[] {
  return [workspace, "chats"];
}

/** One chat with its messages. */
export function chatKey(workspace: string, chat: string): readonly string[] {
  return [workspace, "chat", chat];
}

export function listChats(workspace: string, query: ChatListing, signal?: AbortSignal): Promise<ChatPage> {
  return ask(api.GET("/api/workspaces/{workspace}/chats", { params: { path: { workspace }, query }, signal }));
}

const FOUND = 8;

/** Chats by words of their titles and messages; without words, those of late. */
export function foundChatsQuery(workspace: string, text: string) {
  return queryOptions({
    queryKey: [...chatsKey(workspace), "found", text],
    queryFn: ({ signal }) => listChats(workspace, { ...(text === "" ? {} : { q: text }), limit: FOUND }, signal),
    staleTime: 10_000,
  });
}

/** How the person likes to chat, in every workspace. */
export const chatSettingsQuery = queryOptions({
  queryKey: ["account", "chat-settings"],
  queryFn: ({ signal }) => ask(api.GET("/api/account/chat-settings", { signal })),
  staleTime: 60_000,
});

export async function changeChatSettings(client: QueryClient, body: Schemas["ChatSettingsChange"]): Promise<ChatSettings> {
  const changed = await ask(api.PATCH("/api/account/chat-settings", { body, keepalive: true }));
  client.setQueryData(chatSettingsQuery.queryKey, changed);
  return changed;
}

export type Prompt = Schemas["PromptRow"];
export type Preset = Schemas["PresetRow"];

/** What a person keeps to send again. */
export function promptsQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "chat-prompts"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/chat/prompts", { params: { path: { workspace } }, signal })),
    staleTime: 30_000,
  });
}

/** Models with a system prompt and parameters, under names. */
export function presetsQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "chat-presets"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/chat/presets", { params: { path: { workspace } }, signal })),
    staleTime: 30_000,
  });
}
