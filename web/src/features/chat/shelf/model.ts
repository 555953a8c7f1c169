import type { ChatPage, ChatRow } from "@/api/chats";

/* PURE  Lists of chats: how pages become one list, in which a chat stands, and under which day. */

export type View = { kind: "all" } | { kind: "pinned" } | { kind: "archived" } | { kind: "shared" } | { kind: "folder"; folder: string };

/** What is known of a list, the last changed first. */
export interface Listed {
  rows: readonly ChatRow[];
  /** Where the next page begins; null: this is all. */
  next: string | null;
}

/** Return a name for a view that two equal views share. */
export function viewName(view: View): string {
  return view.kind === "folder" ? view.folder : view.kind;
}

/** Return whether a chat stands in a list. */
export function belongs(row: ChatRow, view: View): boolean {
  if (view.kind === "shared") return row.shared;
  if (!row.mine) return false;
  if (view.kind === "archived") return row.archived;
  if (row.archived) return false;
  if (view.kind === "pinned") return row.pinned;
  return view.kind === "all" || row.folder === view.folder;
}

/** Negative: a stands before b. */
function order(a: ChatRow, b: ChatRow): number {
  const late = Date.parse(b.updated_at) - Date.parse(a.updated_at);
  return late !== 0 ? late : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Return a list after its first page was read again: what was read further down stays. */
export function refreshed(known: Listed | undefined, page: ChatPage): Listed {
  const last = page.items.at(-1);
  if (known === undefined || page.next_cursor === null || last === undefined) return { rows: page.items, next: page.next_cursor };
  const fresh = new Set(page.items.map((row) => row.id));
  const meets = known.rows.some((row) => fresh.has(row.id));
  const below = meets ? known.rows.filter((row) => !fresh.has(row.id) && order(last, row) < 0) : [];
  return { rows: [...page.items, ...below], next: below.length === 0 ? page.next_cursor : known.next };
}

/** Return a list with the page that follows it. */
export function extended(known: Listed, page: ChatPage): Listed {
  const here = new Set(known.rows.map((row) => row.id));
  return { rows: [...known.rows, ...page.items.filter((row) => !here.has(row.id))], next: page.next_cursor };
}

/** Return a list after some of its chats changed, or chats of other lists came to belong to it. */
export function changed(known: Listed, view: View, rows: readonly ChatRow[]): Listed {
  const ids = new Set(rows.map((row) => row.id));
  const stay = known.rows.filter((row) => !ids.has(row.id));
  const last = known.rows.at(-1);
  // What stands below the last row that is known comes with a page of its own.
  const come = rows.filter((row) => belongs(row, view) && (known.next === null || (last !== undefined && order(row, last) <= 0)));
  if (come.length === 0 && stay.length === known.rows.length) return known;
  return { rows: [...stay, ...come].sort(order), next: known.next };
}

/** Return a list without some chats. */
export function without(known: Listed, ids: ReadonlySet<string>): Listed {
  return known.rows.some((row) => ids.has(row.id)) ? { rows: known.rows.filter((row) => !ids.has(row.id)), next: known.next } : known;
}

export interface Group {
  /** today, yesterday, week, or a month: 2026-10. */
  name: string;
  rows: ChatRow[];
}

const DAY_MS = 86_400_000;

/** Return chats by the day of their last change, as a zone has it. now: milliseconds. */
export function byDay(rows: readonly ChatRow[], now: number, zone?: string): Group[] {
  const format = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone });
  const dayOf = (moment: number) => format.format(moment);
  const today = dayOf(now);
  const [year = 0, month = 1, date = 1] = today.split("-").map(Number);
  const back = (days: number) => new Date(Date.UTC(year, month - 1, date) - days * DAY_MS).toISOString().slice(0, 10);
  const yesterday = back(1);
  const week = back(7);
  const groups: Group[] = [];
  for (const row of rows) {
    const day = dayOf(Date.parse(row.updated_at));
    // A clock that is behind the server's makes no tomorrow.
    const name = day >= today ? "today" : day === yesterday ? "yesterday" : day >= week ? "week" : day.slice(0, 7);
    const group = groups.at(-1);
    if (group?.name === name) group.rows.push(row);
    else groups.push({ name, rows: [row] });
  }
  return groups;
}

/** Return the chat that has the focus after some went: the next one that stays, else the one before. */
export function heir(rows: readonly { id: string }[], gone: ReadonlySet<string>): string | null {
  const first = rows.findIndex((row) => gone.has(row.id));
  if (first < 0) return null;
  const after = rows.slice(first).find((row) => !gone.has(row.id));
  return (after ?? rows.slice(0, first).findLast((row) => !gone.has(row.id)))?.id ?? null;
}

/** Return what lies between two chats, both included, in the order of the list. */
export function between(rows: readonly { id: string }[], from: string, to: string): string[] {
  const ends = [rows.findIndex((row) => row.id === from), rows.findIndex((row) => row.id === to)].sort((a, b) => a - b);
  const [start = -1, end = -1] = ends;
  return start < 0 ? [to] : rows.slice(start, end + 1).map((row) => row.id);
}
