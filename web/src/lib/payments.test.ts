import { expect, test } from "vitest";

import { asksCustomer, fileSize, instructionLines, isEnded, isMoving, left, newToken } from "./payments";

test("instructions are pairs where they have a label", () => {
  expect(instructionLines(["IBAN: GB33 BUKB 2020", "", "户名：Omna", "Transfers take a day.", "https://pay.example.com/omna"])).toEqual([
    { label: "IBAN", value: "GB33 BUKB 2020" },
    { label: "户名", value: "Omna" },
    { label: "", value: "Transfers take a day." },
    { label: "", value: "https://pay.example.com/omna" },
  ]);
});

test("an order moves, asks or has ended", () => {
  expect(isMoving("submitted")).toBe(true);
  expect(isMoving("awaiting_proof")).toBe(false);
  expect(asksCustomer("needs_information")).toBe(true);
  expect(isEnded("credited")).toBe(true);
  expect(isEnded("awaiting_payment")).toBe(false);
});

test("what is left until a moment", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(left("2026-01-03T05:06:59Z", now)).toEqual({ days: 2, hours: 5, minutes: 6 });
  expect(left("2025-12-31T23:59:00Z", now)).toBeNull();
});

test("sizes and tokens", () => {
  expect(fileSize(182_334, "en")).toBe("182 kB");
  expect(fileSize(5_000_000, "en")).toBe("5 MB");
  expect(newToken()).toMatch(/^[0-9a-f]{32}$/);
  expect(newToken()).not.toBe(newToken());
});
