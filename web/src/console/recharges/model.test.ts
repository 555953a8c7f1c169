import { expect, test } from "vitest";

import { possible } from "./model";

const order = { state: "submitted", channel: "manual", decidable: true, yours: false, lock: null, first_approver: null } as const;
const yours = { yours: true };
const theirs = { yours: false };

test("a review is begun before it is decided", () => {
  expect(possible(order, true)).toMatchObject({ claim: true, approve: false, release: false });
  expect(possible({ ...order, state: "in_review", lock: yours }, true)).toMatchObject({ claim: false, approve: true, ask: true, release: true });
});

test("what somebody else has in hand is left to them", () => {
  expect(Object.values(possible({ ...order, state: "in_review", lock: theirs }, true))).not.toContain(true);
});

test("without the right nothing can be done, and nothing once it is over", () => {
  expect(Object.values(possible(order, false))).not.toContain(true);
  expect(Object.values(possible({ ...order, state: "credited", decidable: false }, true))).not.toContain(true);
});

test("nobody approves twice, or for themselves", () => {
  expect(possible({ ...order, lock: yours, first_approver: yours }, true)).toMatchObject({ approve: false, reject: true });
  expect(possible({ ...order, lock: yours, yours: true }, true)).toMatchObject({ approve: false, reject: true });
});

test("a payment service is asked about its own orders", () => {
  const checkout = { ...order, channel: "checkout", decidable: false } as const;
  expect(possible({ ...checkout, state: "expired" }, true).reconcile).toBe(true);
  expect(possible({ ...checkout, state: "credited" }, true).reconcile).toBe(false);
});
