import { useSyncExternalStore } from "react";

/* Models with a star, in this browser: a convenience, nothing that anybody else has to know. */

const NAME = "omna.favourites";
const listeners = new Set<() => void>();
let current = read();

/** Return the ids with a star, and how to give and take one. */
export function useFavourites(): { has: (id: string) => boolean; toggle: (id: string) => void } {
  const ids = useSyncExternalStore(subscribe, () => current);
  return { has: (id) => ids.includes(id), toggle };
}

function toggle(id: string): void {
  current = current.includes(id) ? current.filter((one) => one !== id) : [...current, id];
  try {
    localStorage.setItem(NAME, JSON.stringify(current));
  } catch {
    // Then they last as long as the page.
  }
  for (const listener of listeners) listener();
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

function read(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
