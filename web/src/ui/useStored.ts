import { useState } from "react";

import { inTab } from "@/lib/kept";

/** Like useState, kept for this tab: what was typed is there after a reload. forget: once it was sent. */
export function useStored<T>(name: string, initial: T): [T, (change: (before: T) => T) => void, () => void] {
  const [value, setValue] = useState<T>(() => (inTab.readValue(name) as T | null) ?? initial);
  const keep = (change: (before: T) => T) => {
    setValue((before) => {
      const next = change(before);
      inTab.writeValue(name, next);
      return next;
    });
  };
  const forget = () => {
    inTab.forget(name);
  };
  return [value, keep, forget];
}
