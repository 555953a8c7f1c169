import { expect, test } from "vitest";

import { changesOf, subjectPath, wished } from "./model";

test("only what changed is shown, also what came and what went", () => {
  const row = { before: { name: "A", cap: "5", roles: ["x"], same: 1 }, after: { name: "B", roles: ["x"], same: 1, until: null } };
  expect(changesOf(row)).toEqual([
    { name: "cap", before: "5", after: undefined },
    { name: "name", before: "A", after: "B" },
    { name: "until", before: undefined, after: "null" },
  ]);
  expect(changesOf({ before: null, after: null })).toEqual([]);
});

test("a subject leads to its page where the reader has it", () => {
  const pages = ["refunds", "models"];
  expect(subjectPath({ action: "refund.approve", subject: "rfd_3yN" }, pages)).toBe("/refunds/rfd_3yN");
  expect(subjectPath({ action: "user.sign_in", subject: "usr_3yN" }, pages)).toBeNull();
  expect(subjectPath({ action: "model.price", subject: "openai/gpt-5" }, pages)).toBe("/models/openai~gpt-5");
  expect(subjectPath({ action: "stop.set", subject: "all" }, pages)).toBeNull();
});

test("a last day is meant whole", () => {
  const nothing = { text: "", actor: "", action: "", subject: "", address: "", request: "", from: "", to: "" };
  expect(wished({ ...nothing, from: "2030-01-01", to: "2030-01-31", actor: "usr_1" })).toEqual({ actor: "usr_1", from: "2030-01-01", to: "2030-02-01" });
  expect(wished({ ...nothing, to: "2030-01-31T10:00Z" })).toEqual({ to: "2030-01-31T10:00Z" });
});
