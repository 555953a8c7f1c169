import type { Model } from "../types";
import { isChat } from "./model";

/* PURE  What the model picker shows, in which order. */

export interface Group {
  name: "favourites" | "recent" | "all";
  models: Model[];
}

export const MOST_RECENT = 5;

/** Return models that fit the words: favourites first, then those used of late, then all others by name. */
export function groupsOf(models: readonly Model[], search: string, favourites: readonly string[], recent: readonly string[]): Group[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (model: Model) => {
    const text = [model.id, model.name, model.owned_by, ...model.aliases].join(" ").toLowerCase();
    return isChat(model) && words.every((word) => text.includes(word));
  };
  const left = new Map(models.filter(fits).map((model) => [model.id, model]));
  const take = (ids: readonly string[]) => {
    const taken = ids.map((id) => left.get(id)).filter((model) => model !== undefined);
    for (const model of taken) left.delete(model.id);
    return taken;
  };
  const groups: Group[] = [
    { name: "favourites", models: take(favourites) },
    { name: "recent", models: take(recent.slice(0, MOST_RECENT)) },
    { name: "all", models: [...left.values()].sort((a, b) => Number(b.available) - Number(a.available) || a.name.localeCompare(b.name)) },
  ];
  return groups.filter((group) => group.models.length > 0);
}

export function usedNow(recent: readonly string[], id: string): string[] {
  return [id, ...recent.filter((one) => one !== id)].slice(0, 10);
}
