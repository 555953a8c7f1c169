import { useQuery, useQueryClient } from "@tanstack/react-query";

import { changeChatSettings, type ChatSettings, chatSettingsQuery } from "@/api/chats";
import type { Schemas } from "@/api/client";

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
export function useChatSettings(): { settings: ChatSettings; known: boolean; change: (change: Schemas["ChatSettingsChange"]) => void } {
  const client = useQueryClient();
  const { data } = useQuery(chatSettingsQuery);
  const settings = data ?? DEFAULTS;
  const change = (body: Schemas["ChatSettingsChange"]) => {
    client.setQueryData(chatSettingsQuery.queryKey, { ...settings, ...(body as Partial<ChatSettings>) });
    changeChatSettings(client, body).catch(() => client.invalidateQueries({ queryKey: chatSettingsQuery.queryKey }));
  };
  return { settings, known: data !== undefined, change };
}
