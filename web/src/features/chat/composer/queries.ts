import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import type { Estimate } from "./estimating";

export type Preset = Schemas["PresetRow"];
export type Prompt = Schemas["PromptRow"];
type Settings = Schemas["ChatSettings"];
type SettingsChange = Schemas["ChatSettingsChange"];

const settingsQuery = queryOptions({
  queryKey: ["account", "chat-settings"],
  queryFn: ({ signal }) => ask(api.GET("/api/account/chat-settings", { signal })),
  staleTime: 60_000,
});

const DEFAULTS: Settings = {
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
export function useSettings(): { settings: Settings; change: (change: SettingsChange) => void } {
  const client = useQueryClient();
  const settings = useQuery(settingsQuery).data ?? DEFAULTS;
  const change = (body: SettingsChange) => {
    client.setQueryData(settingsQuery.queryKey, { ...settings, ...(body as Partial<Settings>) });
    ask(api.PATCH("/api/account/chat-settings", { body })).catch(() => client.invalidateQueries({ queryKey: settingsQuery.queryKey }));
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
  attachments: readonly string[];
  model: string;
  system_prompt: string;
  parameters: Schemas["Parameters"];
}

type Ask = (path: string, options: object) => Promise<{ data?: { items: Estimate[] }; error?: unknown; response: Response }>;
const soon = api as unknown as Record<"POST", Ask>;

export function estimateQuery(workspace: string, intent: Intent | null) {
  return queryOptions({
    queryKey: [workspace, "chat-estimate", intent],
    queryFn: async ({ signal }) => {
      if (intent === null) throw new Error("nothing to estimate");
      const { model, chat, parent, ...rest } = intent;
      const body = { ...rest, ...(chat === null ? {} : { chat }), ...(parent === null ? {} : { parent }), models: [model] };
      const found = await ask<{ items: Estimate[] }>(soon.POST("/api/workspaces/{workspace}/chat/estimate", { params: { path: { workspace } }, body, signal }));
      return found.items[0] ?? null;
    },
    enabled: intent !== null,
    staleTime: 20_000,
    // The text of drafts does not stay in memory longer than it is of use.
    gcTime: 30_000,
    retry: false,
  });
}
