import { expect, test } from "vitest";

import { reasonOf } from "./reason";
import { answer, message } from "./testing";

const of = (changes: Parameters<typeof answer>[0], content = "some") => reasonOf({ ...message("a", "q", {}), content }, answer(changes));

test("a complete answer needs no reason", () => {
  expect(of({})).toBeNull();
  expect(of({ state: "running", finish_reason: null })).toBeNull();
});

test("only what has begun can go on", () => {
  for (const state of ["stopped", "failed", "cut"] as const) {
    expect(of({ state })?.help).toContain("continue");
    expect(of({ state }, "")?.help).toEqual(["retry", "switch"]);
  }
  expect(of({ state: "complete", finish_reason: "length" })?.help).toEqual(["continue"]);
});

test("Recharge is offered where Credits are what is missing", () => {
  expect(of({ state: "ended" })?.help[0]).toBe("recharge");
  const refused = (code: string) => of({ state: "refused", error: { code, message: "No." } as never }, "")?.help[0];
  expect(refused("insufficient_credits")).toBe("recharge");
  expect(refused("member_limit_exceeded")).toBe("retry");
});
