import { expect, test } from "vitest";

import { Memory } from "@/lib/memory";
import type { Attachment } from "../types";
import { EMPTY, LONGEST_KEPT, MOST_DRAFTS, readDraft, type Shelf, writeDraft } from "./drafts";

const HOUR = 3_600_000;
const file: Attachment = { id: "upl_1", name: "a.txt", kind: "text", media_type: "text/plain", size: 1, tokens: 1, pages: null, width: null, height: null };

test("a draft is kept per chat and forgotten when it is empty", () => {
  const shelf = new Memory();
  writeDraft(shelf, "ws_1/new", { text: "hello", files: [file] }, 0);
  expect(readDraft(shelf, "ws_1/new", HOUR)).toEqual({ text: "hello", files: [file] });
  expect(readDraft(shelf, "ws_2/new", HOUR)).toEqual(EMPTY);
  writeDraft(shelf, "ws_1/new", { text: " ", files: [] }, 0);
  expect(shelf.kept.size).toBe(0);
});

test("files that are gone by now are not offered, and old drafts neither", () => {
  const shelf = new Memory();
  writeDraft(shelf, "a", { text: "hello", files: [file] }, 0);
  expect(readDraft(shelf, "a", 47.5 * HOUR)).toEqual({ text: "hello", files: [] });
  expect(readDraft(shelf, "a", 31 * 24 * HOUR)).toEqual(EMPTY);
});

test("drafts are few and short, and what else is in the store is left alone", () => {
  const shelf = new Memory();
  shelf.setItem("omna.theme", "dark");
  shelf.setItem("omna.draft.broken", "{");
  for (let number = 0; number < MOST_DRAFTS + 5; number++) writeDraft(shelf, `c${number}`, { text: "x".repeat(LONGEST_KEPT + 5), files: [] }, number);
  expect(shelf.kept.size).toBe(MOST_DRAFTS + 1);
  expect(readDraft(shelf, "c4", 100)).toEqual(EMPTY);
  expect(readDraft(shelf, "c5", 100).text.length).toBe(LONGEST_KEPT);
  expect(readDraft(shelf, "broken", 100)).toEqual(EMPTY);
});

test("a store that is full or forbidden breaks nothing", () => {
  const broken = { ...new Memory(), length: 0, getItem: () => { throw new Error(); }, setItem: () => { throw new Error(); } } as unknown as Shelf;
  writeDraft(broken, "a", { text: "x", files: [] }, 0);
  expect(readDraft(broken, "a", 0)).toEqual(EMPTY);
});
