import { useSyncExternalStore } from "react";

import { inBrowser } from "@/lib/kept";

import type { View } from "./model";

/* Whether the shelf is open, and what it shows: the same for every chat that is opened from it. */

interface ShelfState {
  /** Beside the thread, on wide windows: kept in this browser. */
  open: boolean;
  /** Over the thread, on narrow ones. */
  drawer: boolean;
  view: View;
  /** A dialog of it is open: Esc closes that, not the drawer behind it. */
  asking: boolean;
}

const NAME = "omna.shelf";
const listeners = new Set<() => void>();
let state: ShelfState = { open: inBrowser.read(NAME) !== "closed", drawer: false, view: { kind: "all" }, asking: false };

export function useShelf(): ShelfState {
  return useSyncExternalStore(subscribe, () => state);
}

export function setShelf(change: Partial<ShelfState>): void {
  state = { ...state, ...change };
  if (change.open !== undefined) inBrowser.write(NAME, change.open ? "open" : "closed");
  for (const listener of listeners) listener();
}

export function shelfState(): ShelfState {
  return state;
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}
