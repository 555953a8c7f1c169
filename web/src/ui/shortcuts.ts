import { useEffect, useSyncExternalStore } from "react";

import { inBrowser } from "@/lib/kept";
import { namesOf } from "@/lib/keystroke";

/* Keys with Ctrl or ⌘. None fires while an input method composes, and all can be switched off. */

export const modifier = /mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘" : "Ctrl";

const NAME = "omna.shortcuts";
const listeners = new Set<() => void>();

export function shortcutsOn(): boolean {
  return inBrowser.read(NAME) !== "off";
}

export function setShortcuts(on: boolean): void {
  inBrowser.write(NAME, on ? "on" : "off");
  for (const listener of listeners) listener();
}

/** Return whether shortcuts are on, as this browser was told last. */
export function useShortcutsOn(): boolean {
  return useSyncExternalStore(subscribe, shortcutsOn);
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

/** Call what belongs to a key: "k", "/", "shift+s". What a page does with a key goes before what the frame does. */
export function useShortcuts(actions: Readonly<Record<string, () => void>>, of: "frame" | "page" = "frame"): void {
  useEffect(() => {
    const capture = of === "page";
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || !shortcutsOn()) return;
      const name = namesOf(event).find((one) => actions[one] !== undefined);
      if (name === undefined) return;
      event.preventDefault();
      actions[name]?.();
    };
    addEventListener("keydown", listen, { capture });
    return () => {
      removeEventListener("keydown", listen, { capture });
    };
  }, [actions, of]);
}
