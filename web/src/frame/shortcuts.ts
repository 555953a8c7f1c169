import { useEffect } from "react";

/* Keys with Ctrl or ⌘. None fires while an input method composes, and all can be switched off. */

export const modifier = /mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘" : "Ctrl";

const NAME = "omna.shortcuts";

export function shortcutsOn(): boolean {
  try {
    return localStorage.getItem(NAME) !== "off";
  } catch {
    return true;
  }
}

export function setShortcuts(on: boolean): void {
  try {
    localStorage.setItem(NAME, on ? "on" : "off");
  } catch {
    // Without storage they are on.
  }
}

/** Call what belongs to a key: "k", "/", "shift+s". */
export function useShortcuts(actions: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing || !shortcutsOn()) return;
      const action = actions[`${event.shiftKey ? "shift+" : ""}${event.key.toLowerCase()}`];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", listen);
    return () => {
      removeEventListener("keydown", listen);
    };
  }, [actions]);
}
