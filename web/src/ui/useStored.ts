import { useState } from "react";

/** Like useState, kept for this tab: what was typed is there after a reload. forget: once it was sent. */
export function useStored<T>(name: string, initial: T): [T, (change: (before: T) => T) => void, () => void] {
  const [value, setValue] = useState<T>(() => {
    try {
      const kept = sessionStorage.getItem(name);
      return kept === null ? initial : (JSON.parse(kept) as T);
    } catch {
      return initial;
    }
  });
  const keep = (change: (before: T) => T) => {
    setValue((before) => {
      const next = change(before);
      try {
        sessionStorage.setItem(name, JSON.stringify(next));
      } catch {
        // Then it lasts as long as the page.
      }
      return next;
    });
  };
  const forget = () => {
    try {
      sessionStorage.removeItem(name);
    } catch {
      // Then there was nothing.
    }
  };
  return [value, keep, forget];
}
