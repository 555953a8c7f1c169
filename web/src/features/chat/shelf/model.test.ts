import { expect, test } from "vitest";

import type { ChatRow } from "@/api/chats";
import { belongs, between, byDay, changed, extended, heir, type Listed, refreshed, without } from "./model";

const row = (id: string, updated_at: string, change: Partial<ChatRow> = {}): ChatRow => ({
  id, title: id, model: null, folder: null, pinned: false, archived: false, shared: false, mine: true, running: false,
  created_at: updated_at, updated_at, snippet: null, message: null, ...change,
});
const at = (minute: number) => new Date(Date.UTC(2026, 10, 26, 12, minute)).toISOString();
const ids = (listed: Listed) => listed.rows.map((one) => one.id).join("");

test("chats stand under the day of the reader's zone", () => {
  const now = Date.parse("2026-11-26T02:00:00Z");
  const rows = ["2026-11-26T03:00:00Z", "2026-11-26T01:00:00Z", "2026-11-25T12:00:00Z", "2026-11-24T12:00:00Z", "2026-11-19T12:00:00Z", "2026-11-18T12:00:00Z", "2026-10-01T12:00:00Z", "2025-10-01T12:00:00Z"];
  const names = (zone: string) => byDay(rows.map((moment) => row(moment, moment)), now, zone).map((group) => `${group.name} ${String(group.rows.length)}`);
  expect(names("UTC")).toEqual(["today 2", "yesterday 1", "week 2", "2026-11 1", "2026-10 1", "2025-10 1"]);
  // In New York it is still the day before.
  expect(names("America/New_York")).toEqual(["today 3", "yesterday 1", "week 2", "2026-10 1", "2025-10 1"]);
});

test("the first page read again keeps what was read below it", () => {
  const known = { rows: [row("d", at(4)), row("c", at(3)), row("b", at(2)), row("a", at(1))], next: "after-a" };
  const page = (rows: ChatRow[], next: string | null) => ({ items: rows, next_cursor: next });
  // b came to the front, e is new; c lost its place to them, and stays.
  const fresh = refreshed(known, page([row("e", at(6)), row("b", at(5)), row("d", at(4))], "after-d"));
  expect(ids(fresh)).toBe("ebdca");
  expect(fresh.next).toBe("after-a");
  // d was deleted elsewhere.
  expect(ids(refreshed(known, page([row("c", at(3)), row("b", at(2))], "after-b")))).toBe("cba");
  // Nothing of it is known: there may be others in between.
  expect(refreshed(known, page([row("f", at(9)), row("e", at(8))], "after-e"))).toEqual({ rows: [row("f", at(9)), row("e", at(8))], next: "after-e" });
  expect(ids(refreshed(known, page([row("a", at(1))], null)))).toBe("a");
  expect(ids(refreshed(undefined, page([row("a", at(1))], null)))).toBe("a");
});

test("a further page brings nothing twice", () => {
  const known = { rows: [row("c", at(3)), row("b", at(2))], next: "after-b" };
  expect(ids(extended(known, { items: [row("b", at(2)), row("a", at(1))], next_cursor: null }))).toBe("cba");
});

test("what changes leaves one list and comes to its place in another", () => {
  const all = { rows: [row("c", at(3)), row("a", at(1))], next: "after-a" };
  expect(ids(changed(all, { kind: "all" }, [row("c", at(3), { archived: true })]))).toBe("a");
  expect(ids(changed(all, { kind: "all" }, [row("b", at(2))]))).toBe("cba");
  // It stands further down than is known.
  expect(changed(all, { kind: "all" }, [row("z", at(0))])).toBe(all);
  expect(ids(changed({ rows: [], next: null }, { kind: "folder", folder: "f" }, [row("z", at(0), { folder: "f" })]))).toBe("z");
  expect(ids(without(all, new Set(["c"])))).toBe("a");
});

test("chats of others are only among what is shared", () => {
  const theirs = row("a", at(1), { mine: false, shared: true });
  expect([belongs(theirs, { kind: "shared" }), belongs(theirs, { kind: "all" }), belongs(theirs, { kind: "archived" })]).toEqual([true, false, false]);
});

test("the focus goes to the next chat that stays", () => {
  const rows = ["a", "b", "c", "d"].map((id) => ({ id }));
  expect(heir(rows, new Set(["b", "c"]))).toBe("d");
  expect(heir(rows, new Set(["c", "d"]))).toBe("b");
  expect(heir(rows, new Set(["a", "b", "c", "d"]))).toBeNull();
  expect(between(rows, "c", "a")).toEqual(["a", "b", "c"]);
  expect(between(rows, "gone", "b")).toEqual(["b"]);
});
