import { useEffect, useRef, useState } from "react";

import { EMPTY, type Kept, readDraft, writeDraft } from "./drafts";

const PAUSE_MS = 400;

function shelf(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

export function keptDraft(key: string | null): Kept {
  const store = shelf();
  return key === null || store === null ? EMPTY : readDraft(store, key, Date.now());
}

/**
 * Keep what is written, a moment after it was: a reload, another chat or a closed tab lose nothing.
 *
 * Returns  what forgets it, once it was sent
 */
export function useKeeping(key: string | null, draft: Kept): () => void {
  const latest = useRef(draft);
  const [write] = useState(() => (at: string) => {
    const store = shelf();
    if (store !== null) writeDraft(store, at, latest.current, Date.now());
  });
  useEffect(() => {
    latest.current = draft;
    if (key === null) return;
    const timer = setTimeout(() => {
      write(key);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [key, draft, write]);
  useEffect(() => {
    if (key === null) return;
    const now = () => {
      write(key);
    };
    addEventListener("pagehide", now);
    return () => {
      removeEventListener("pagehide", now);
      now();
    };
  }, [key, write]);
  const [forget] = useState(() => () => {
    latest.current = EMPTY;
    if (key !== null) write(key);
  });
  return forget;
}
