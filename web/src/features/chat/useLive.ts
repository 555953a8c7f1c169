import { useCallback, useSyncExternalStore } from "react";

import type { Live } from "./live";
import { liveOf, subscribe } from "./run";

/** What an answer has said so far; null when it is not being made, or nobody reads along. Only its reader is drawn again. */
export function useLive(message: string): Live | null {
  return useSyncExternalStore(
    useCallback((changed: () => void) => subscribe(message, changed), [message]),
    () => liveOf(message),
  );
}
