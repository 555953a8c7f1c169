import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { chatSettingsQuery } from "@/api/chats";
import { setOnly } from "./composer/setting";

import type { Model, Setup } from "./types";

/** What a new chat begins with: what a link asks for, else the person's defaults, else what was used last. */
export function useInitial(models: readonly Model[], linked: string): Setup {
  const settings = useQuery(chatSettingsQuery).data;
  return useMemo(() => {
    const usable = (id: string | null | undefined) => models.find((model) => model.available && (model.id === id || model.aliases.includes(id ?? "")))?.id;
    const wanted = [linked, settings?.default_model, ...(settings?.recent ?? [])];
    const model = wanted.map(usable).find((id) => id !== undefined) ?? models.find((one) => one.available)?.id ?? null;
    return { model, system_prompt: settings?.system_prompt ?? "", parameters: setOnly(settings?.parameters ?? {}) };
  }, [models, linked, settings]);
}
