import type { Attachment } from "../types";

/* PURE  Drafts of chats, kept in this browser: few, short, and not for long. */

export interface Kept {
  text: string;
  files: readonly Attachment[];
}

/** What of localStorage is needed. */
export interface Shelf {
  readonly length: number;
  key: (index: number) => string | null;
  getItem: (name: string) => string | null;
  setItem: (name: string, value: string) => void;
  removeItem: (name: string) => void;
}

const PREFIX = "omna.draft.";
export const LONGEST_KEPT = 100_000;
export const MOST_DRAFTS = 40;
const DAY = 86_400_000;
const KEPT_FOR = 30 * DAY;
/** Files that were not sent are gone after two days; a little earlier they are not offered any more. */
const FILES_FOR = 2 * DAY - 3_600_000;

export const EMPTY: Kept = { text: "", files: [] };

export function readDraft(shelf: Shelf, key: string, now: number): Kept {
  try {
    const kept = parse(shelf.getItem(PREFIX + key));
    if (kept === null || kept.at < now - KEPT_FOR) return EMPTY;
    return { text: kept.text, files: kept.at < now - FILES_FOR ? [] : kept.files };
  } catch {
    return EMPTY;
  }
}

/** Keep a draft, or forget it when there is nothing in it; forget those of before that are too many or too old. */
export function writeDraft(shelf: Shelf, key: string, draft: Kept, now: number): void {
  try {
    if (draft.text.trim() === "" && draft.files.length === 0) {
      shelf.removeItem(PREFIX + key);
      return;
    }
    const { text, files } = draft;
    shelf.setItem(PREFIX + key, JSON.stringify({ text: text.slice(0, LONGEST_KEPT), files, at: now }));
    clean(shelf, now);
  } catch {
    // Full, or forbidden: then it lasts as long as the page.
  }
}

function clean(shelf: Shelf, now: number): void {
  const all: { name: string; at: number }[] = [];
  for (let index = 0; index < shelf.length; index++) {
    const name = shelf.key(index);
    if (name?.startsWith(PREFIX)) all.push({ name, at: parse(shelf.getItem(name))?.at ?? 0 });
  }
  all.sort((a, b) => b.at - a.at);
  for (const [place, { name, at }] of all.entries()) if (place >= MOST_DRAFTS || at < now - KEPT_FOR) shelf.removeItem(name);
}

function parse(text: string | null): (Kept & { at: number }) | null {
  if (text === null) return null;
  try {
    const kept = JSON.parse(text) as Partial<Kept & { at: number }> | null;
    if (typeof kept?.text !== "string" || typeof kept.at !== "number" || !Array.isArray(kept.files)) return null;
    return { text: kept.text, files: kept.files as Attachment[], at: kept.at };
  } catch {
    return null;
  }
}
