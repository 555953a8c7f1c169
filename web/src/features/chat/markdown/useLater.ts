import { useSyncExternalStore } from "react";

/** Something that is loaded when it is first needed. */
export interface Later<T> {
  get: () => T | null;
  subscribe: (changed: () => void) => () => void;
}

/** Wrap an import, so that components can wait for it without suspending. One that failed is tried again later. */
export function later<T>(load: () => Promise<T>): Later<T> {
  let value: T | null = null;
  let loading = false;
  const waiting = new Set<() => void>();
  return {
    get: () => value,
    subscribe(changed) {
      waiting.add(changed);
      if (value === null && !loading) {
        loading = true;
        load().then(
          (loaded) => {
            value = loaded;
            for (const tell of waiting) tell();
          },
          () => {
            loading = false;
          },
        );
      }
      return () => {
        waiting.delete(changed);
      };
    },
  };
}

/** Return what was loaded; null until then. */
export function useLater<T>({ get, subscribe }: Later<T>): T | null {
  return useSyncExternalStore(subscribe, get, get);
}
