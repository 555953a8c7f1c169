import { expect, test } from "vitest";

import { givable, hasKeys, isLimit, mayTouch } from "./model";
import type { Member, Role } from "./queries";

const member = (role: Role, you = false): Member => ({
  id: "usr_1", name: "Ada", email: null, role, you, joined_at: "2026-11-01T00:00:00Z", spend_limit: null, spend_period: null,
  spent_in_period: null, spent_30_days: null, keys: null,
});

test("only owners make owners", () => {
  expect(givable("admin")).toEqual(["admin", "billing", "member"]);
  expect(givable("owner")).toContain("owner");
});

test("an admin leaves owners alone, and nobody touches themselves", () => {
  expect(mayTouch("admin", member("owner"))).toBe(false);
  expect(mayTouch("owner", member("owner"))).toBe(true);
  expect(mayTouch("owner", member("owner", true))).toBe(false);
  expect(mayTouch("admin", member("member"))).toBe(true);
});

test("billing has no keys", () => {
  expect(hasKeys("billing")).toBe(false);
  expect(hasKeys("member")).toBe(true);
});

test("a limit is an amount above zero, or nothing", () => {
  expect([isLimit(""), isLimit("12.5"), isLimit("0"), isLimit("many")]).toEqual([true, true, false, false]);
});
