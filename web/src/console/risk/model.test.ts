import { expect, test } from "vitest";

import { fieldsOf, formOf, freshForm, unchanged, worded } from "./model";
import type { Rule, Spec } from "./queries";

const specs: Spec[] = [
  { name: "at_least", form: "credits", initial: "20", least: 0, most: 0, optional: false, choices: [] },
  { name: "hours", form: "whole", initial: 24, least: 1, most: 168, optional: false, choices: [] },
  { name: "times", form: "whole", initial: 10, least: 2, most: 1000, optional: true, choices: [] },
];

const rule: Rule = {
  id: "rul_1", version: 3, kind: "spend_velocity", name: "Much", enabled: true, outcome: "limit", limit_to: "5", severity: "low",
  parameters: { at_least: "20", hours: 6, times: null }, new_accounts_days: 7, cooldown_hours: 72, changed_by: "usr_1",
  changed_at: "2026-01-01T00:00:00Z", reason: "", hits_30_days: 0,
};

test("a rule in a form and back is the same rule", () => {
  expect(fieldsOf(formOf(rule), specs)).toEqual(unchanged(rule));
});

test("a new rule begins with what its kind begins with, and without what is optional", () => {
  expect(fieldsOf(freshForm("spend_velocity", "New", specs), specs).parameters).toEqual({ at_least: "20", hours: 24, times: null });
});

test("what is no number is left to the server, and a limit belongs to its outcome", () => {
  const form = { ...formOf(rule), cooldown_hours: "1.5", outcome: "flag" as const };
  expect(fieldsOf(form, specs)).toMatchObject({ cooldown_hours: -1, limit_to: null });
});

test("choices are words with commas", () => {
  const choices: Spec[] = [{ name: "outcomes", form: "choices", initial: ["a", "b"], least: 0, most: 0, optional: false, choices: ["a", "b"] }];
  expect(worded(["a", "b"])).toBe("a, b");
  expect(fieldsOf({ ...freshForm("failed_recharges", "x", choices) }, choices).parameters).toEqual({ outcomes: ["a", "b"] });
});
