import { expect, test } from "vitest";

import type { OrderRow } from "@/api/payments";
import { others, type Request, troubles } from "./model";

const REQUEST: Request = { kind: "unused", other: "", preference: "refund", credits: "", reason: "Too many" };

test("a request needs a reason, and asks for no more than can come back", () => {
  expect(troubles(REQUEST, "10")).toEqual([]);
  expect(troubles({ ...REQUEST, credits: "10" }, "10")).toEqual([]);
  expect(troubles({ ...REQUEST, credits: "10.000000001" }, "10")).toEqual(["most"]);
  expect(troubles({ ...REQUEST, credits: "0", reason: " " }, "10")).toEqual(["amount", "reason"]);
});

test("a payment made twice names the other order; its amount is not asked for", () => {
  expect(troubles({ ...REQUEST, kind: "duplicate", credits: "x" }, "0")).toEqual(["other"]);
  expect(troubles({ ...REQUEST, kind: "duplicate", other: "rch_2" }, "0")).toEqual([]);
  expect(troubles({ ...REQUEST, kind: "duplicate" }, "0", true)).toEqual([]);
});

test("the other order was credited; one of the same total comes first", () => {
  const row = (id: string, minor: number, credited: boolean) =>
    ({ id, state: credited ? "credited" : "open", total: { minor, currency: "usd" }, credited_at: credited ? "2026-01-01T00:00:00Z" : null }) as OrderRow;
  const order = row("rch_1", 2500, true);
  expect(others(order, [order, row("rch_2", 1000, true), row("rch_3", 2500, false), row("rch_4", 2500, true)]).map((one) => one.id)).toEqual(["rch_4", "rch_2"]);
  const vain = { ...row("rch_5", 2500, false), state: "duplicate" } as OrderRow;
  expect(others(order, [vain]).map((one) => one.id)).toEqual(["rch_5"]);
  expect(others(vain, [vain, { ...vain, id: "rch_6" }, order]).map((one) => one.id)).toEqual(["rch_1"]);
});
