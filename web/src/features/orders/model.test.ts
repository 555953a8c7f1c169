import { expect, test } from "vitest";

import { proofTroubles, retryOf, showsAccount, stepWord, toneOf } from "./model";

test("the account is shown as long as a transfer makes sense", () => {
  expect(showsAccount({ channel: "manual", state: "awaiting_proof" })).toBe(true);
  expect(showsAccount({ channel: "manual", state: "credited" })).toBe(false);
  expect(showsAccount({ channel: "checkout", state: "open" })).toBe(false);
});

test("a proof needs a file and a number, and no day of the future", () => {
  const right = { upload: {}, payerReference: "99", paidOn: "2026-01-01" };
  expect(proofTroubles(right, "2026-01-02")).toEqual([]);
  expect(proofTroubles({ ...right, paidOn: "2026-01-03" }, "2026-01-02")).toEqual(["paid_on"]);
  expect(proofTroubles({ upload: null, payerReference: " ", paidOn: "" }, "2026-01-02")).toEqual(["proof", "payer_reference"]);
});

test("every state has a tone, every known step a word", () => {
  expect(toneOf("needs_information")).toBe("ask");
  expect(toneOf("credited")).toBe("good");
  expect(stepWord("credited")).toBe("order.step_credited");
  expect(stepWord("something_new")).toBeUndefined();
  expect(retryOf({ channel: "checkout", credits: "25" })).toEqual({ credits: "25", method: "checkout" });
});
