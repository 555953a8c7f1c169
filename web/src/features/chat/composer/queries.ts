import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";

import { changeChatSettings, type ChatSettings, chatSettingsQuery } from "@/api/chats";
import { api, ask, type Schemas } from "@/api/client";

export type Preset = Schemas["PresetRow"];
export type Prompt = Schemas["PromptRow"];
type SettingsChange = Schemas["ChatSettingsChange"];

const DEFAULTS: ChatSettings = {
  background_titles: false,
  default_model: null,
  enter_sends: true,
  favourites: [],
  parameters: {},
  recent: [],
  shortcuts: true,
  system_prompt: "",
  temporary_by_default: false,
};

/** How the person likes to chat, and how to change it: at once here, then there. */
export function useSettings(): { settings: ChatSettings; change: (change: SettingsChange) => void } {
  const client = useQueryClient();
  const settings = useQuery(chatSettingsQuery).data ?? DEFAULTS;
  const change = (body: SettingsChange) => {
    client.setQueryData(chatSettingsQuery.queryKey, { ...settings, ...(body as Partial<ChatSettings>) });
    changeChatSettings(client, body).catch(() => client.invalidateQueries({ queryKey: chatSettingsQuery.queryKey }));
  };
  return { settings, change };
}

export function presetsQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "chat-presets"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/chat/presets", { params: { path: { workspace } }, signal })),
    staleTime: 30_000,
  });
}

export function promptsQuery(workspace: string) {
  return queryOptions({
    queryKey: [workspace, "chat-prompts"],
    queryFn: ({ signal }) => ask(api.GET("/api/workspaces/{workspace}/chat/prompts", { params: { path: { workspace } }, signal })),
    staleTime: 30_000,
  });
}

/** What the next message would go out with. */
export interface Intent {
  chat: string | null;
  parent: string | null;
  content: string;
  attachments: string[];
  model: string;
  system_prompt: string;
  parameters: Schemas["Parameters"];
}

export function estimateQuery(workspace: string, intent: Intent | null) {
  return queryOptions({
    queryKey: [workspace, "chat-estimate", intent],
    queryFn: async ({ signal }) => {
      if (intent === null) throw new Error("nothing to estimate");
      const { model, chat, parent, ...rest } = intent;
      const body = { ...rest, ...(chat === null ? {} : { chat }), ...(parent === null ? {} : { parent }), models: [model] };
      const found = await ask(api.POST("/api/workspaces/{workspace}/chat/estimate", { params: { path: { workspace } }, body, signal }));
      return found.items[0] ?? null;
    },
    enabled: intent !== null,
    staleTime: 20_000,
    // The text of drafts does not stay in memory longer than it is of use.
    gcTime: 30_000,
    retry: false,
  });
}
