import { expect, test } from "vitest";

import { possible } from "./model";

const refund = {
  state: "requested",
  kind: "unused",
  payout: null,
  attempts: 0,
  yours: false,
  approved_credits: null,
  lock: null,
  first_approver: null,
} as const;

test("a request can be claimed, approved and rejected, and converted when it was paid twice", () => {
  expect(possible(refund, true)).toMatchObject({ claim: true, approve: true, reject: true, convert: false, paid: false });
  expect(possible({ ...refund, kind: "duplicate" }, true).convert).toBe(true);
});

test("what somebody else has in hand, and one's own, is left to others", () => {
  expect(Object.values(possible({ ...refund, state: "in_review", lock: { yours: false } }, true))).not.toContain(true);
  expect(Object.values(possible({ ...refund, yours: true }, true))).not.toContain(true);
  expect(Object.values(possible(refund, false))).not.toContain(true);
});

test("nobody approves twice", () => {
  expect(possible({ ...refund, first_approver: { yours: true } }, true)).toMatchObject({ approve: false, reject: true });
});

test("what a payment service may be paying is not given back", () => {
  const approved = { ...refund, state: "approved", payout: "processor", approved_credits: "5" } as const;
  expect(possible(approved, true)).toMatchObject({ retry: true, giveBack: true, paid: false });
  expect(possible({ ...approved, attempts: 1 }, true).giveBack).toBe(false);
  expect(possible({ ...approved, payout: "manual", attempts: 0 }, true)).toMatchObject({ paid: true, giveBack: true, retry: false });
});
