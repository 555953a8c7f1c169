import { useMutation, useQueryClient } from "@tanstack/react-query";

import { chatsKey, presetsQuery, promptsQuery } from "@/api/chats";
import { api, ask, type Schemas } from "@/api/client";

export function usePromptActs(workspace: string) {
  const client = useQueryClient();
  const again = { onSuccess: () => client.invalidateQueries({ queryKey: promptsQuery(workspace).queryKey }) };
  return {
    create: useMutation({
      mutationFn: (body: Schemas["PromptNew"]) =>
        ask(api.POST("/api/workspaces/{workspace}/chat/prompts", { params: { path: { workspace } }, body })),
      ...again,
    }),
    change: useMutation({
      mutationFn: ({ prompt, body }: { prompt: string; body: Schemas["PromptChange"] }) =>
        ask(api.PATCH("/api/workspaces/{workspace}/chat/prompts/{prompt}", { params: { path: { workspace, prompt } }, body })),
      ...again,
    }),
    remove: useMutation({
      mutationFn: (prompt: string) =>
        ask(api.DELETE("/api/workspaces/{workspace}/chat/prompts/{prompt}", { params: { path: { workspace, prompt } } })),
      ...again,
    }),
  };
}

export function usePresetActs(workspace: string) {
  const client = useQueryClient();
  const again = { onSuccess: () => client.invalidateQueries({ queryKey: presetsQuery(workspace).queryKey }) };
  return {
    create: useMutation({
      mutationFn: (body: Schemas["PresetNew"]) =>
        ask(api.POST("/api/workspaces/{workspace}/chat/presets", { params: { path: { workspace } }, body })),
      ...again,
    }),
    change: useMutation({
      mutationFn: ({ preset, body }: { preset: string; body: Schemas["PresetChange"] }) =>
        ask(api.PATCH("/api/workspaces/{workspace}/chat/presets/{preset}", { params: { path: { workspace, preset } }, body })),
      ...again,
    }),
    remove: useMutation({
      mutationFn: (preset: string) =>
        ask(api.DELETE("/api/workspaces/{workspace}/chat/presets/{preset}", { params: { path: { workspace, preset } } })),
      ...again,
    }),
  };
}

/** Chats that come in from a file, and all of them going. */
export function useMoving(workspace: string) {
  const client = useQueryClient();
  const again = { onSuccess: () => client.invalidateQueries({ queryKey: chatsKey(workspace) }) };
  return {
    bring: useMutation({
      mutationFn: (file: File) =>
        ask(api.POST("/api/workspaces/{workspace}/chats/import", { params: { path: { workspace } }, body: file as unknown as string, bodySerializer: () => file })),
      ...again,
    }),
    removeAll: useMutation({
      mutationFn: (typed: string) =>
        ask(api.POST("/api/workspaces/{workspace}/chats/deletion", { params: { path: { workspace } }, body: { typed } })),
      ...again,
    }),
  };
}
