import { expect, test } from "vitest";

import { DEFAULTS, expiresAt, type KeyRow, settingsOf, troubles, valuesOfKey } from "./model";

const NOW = Date.parse("2026-11-26T12:00:00Z");
const KEY: KeyRow = {
  id: "key_1", name: "ci", label: "omna_ab…cd", status: "active", created_by: null, creator_name: null, created_at: "2026-11-01T00:00:00Z",
  last_used_at: null, expires_at: null, rpm: 60, max_running: null, spend_limit: "10.50", spend_period: "day", spent_in_period: "0", held: "0",
  resets_at: null, allowed_models: null, requests_24h: 0, spent_24h: "0", requests_30d: 0, spent_30d: "0", replaced_by: null, yours: true,
};

test("a name is all that a new key needs", () => {
  expect(troubles(DEFAULTS, NOW)).toEqual({ name: "name" });
  expect(troubles({ ...DEFAULTS, name: "ci" }, NOW)).toEqual({});
});

test("what is wrong is named by its field", () => {
  expect(troubles({ ...DEFAULTS, name: "ci", amount: "ten" }, NOW)).toEqual({ amount: "amount" });
  expect(troubles({ ...DEFAULTS, name: "ci", amount: "0" }, NOW)).toEqual({ amount: "amount" });
  expect(troubles({ ...DEFAULTS, name: "ci", rpm: "-1" }, NOW)).toEqual({ rpm: "count" });
  expect(troubles({ ...DEFAULTS, name: "ci", expiry: "date", date: "" }, NOW)).toEqual({ date: "date" });
  expect(troubles({ ...DEFAULTS, name: "ci", expiry: "date", date: "2020-01-01T00:00" }, NOW)).toEqual({ date: "past" });
});

test("an empty amount is no limit, and no limit has no period", () => {
  expect(settingsOf({ ...DEFAULTS, name: " ci ", amount: "" }, NOW)).toEqual({
    name: "ci", rpm: 60, max_running: null, spend_limit: null, spend_period: null, allowed_models: null, expires_at: null,
  });
});

test("days count from now", () => {
  expect(expiresAt("7", "", NOW)).toBe("2026-12-03T12:00:00.000Z");
});

test("a key that is read and sent again stays as it was", () => {
  const sent = settingsOf(valuesOfKey(KEY), NOW);
  expect(sent).toEqual({ name: "ci", rpm: 60, max_running: null, spend_limit: "10.5", spend_period: "day", allowed_models: null, expires_at: null });
});
