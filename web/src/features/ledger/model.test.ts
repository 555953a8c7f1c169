import { expect, test } from "vitest";

import { added, adds, before, chains, groupOf, newsOf, places, queryOf, queryText, rangeOf, type Line, type Reader } from "./model";

const NOW = Date.UTC(2026, 10, 26, 6, 40);

function reader(query: string): Reader {
  const parameters = new URLSearchParams(query);
  return { value: (name) => parameters.get(name) ?? "", values: (name) => parameters.getAll(name) };
}

function line(id: string, amount: string, balance_after: string, time = "2026-11-26T06:00:00Z"): Line {
  return {
    id, amount, balance_after, time, kind: "usage", description: "", status: "settled", request: null, model: null,
    order: null, refund: null, key_name: null, source: null, corrects: null, corrected_by: null, group: null,
  };
}

test("without words in the address everything is wanted, usage by the hour", () => {
  expect(queryOf(reader(""), NOW, "UTC")).toEqual({ from: undefined, to: undefined, kind: [] });
  expect(groupOf(reader(""))).toBe("hour");
  expect(rangeOf(reader(""))).toBe("all");
});

test("a range begins at a whole hour, days at midnight of the zone", () => {
  expect(queryOf(reader("range=7d"), NOW, "UTC").from).toBe("2026-11-19T06:00:00.000Z");
  expect(queryOf(reader("from=2026-11-25&to=2026-11-25"), NOW, "Europe/Berlin")).toMatchObject({
    from: "2026-11-24T23:00:00.000Z",
    to: "2026-11-25T23:00:00.000Z",
  });
});

test("what an address invents is left out", () => {
  const address = reader("kind=usage&kind=theft&group=week&range=99y");
  expect(queryText(queryOf(address, NOW, "UTC"))).toBe("kind=usage");
  expect(groupOf(address)).toBe("hour");
});

test("lines chain when each balance is the one before plus the amount", () => {
  const lines = [line("c", "-0.000000001", "4.999999999"), line("b", "2.5", "5"), line("a", "2.5", "2.5")];
  expect(chains(lines)).toBe(true);
  expect(chains([line("c", "-0.1", "4.9"), line("a", "2.5", "2.5")])).toBe(false);
  expect(added(lines)).toBe(4_999_999_999n);
  expect(before(line("c", "-0.1", "4.9"))).toBe(5_000_000_000n);
});

test("an amount is written with every decimal, at least two", () => {
  expect(["5", "5.1", "5.10", "0.000000001", "-0.0305"].map(places)).toEqual([2, 2, 2, 9, 4]);
});

test("balance − held + owed is what is available", () => {
  expect(adds({ balance: "10", held: "0.5", owed: "0", available: "9.5" })).toBe(true);
  expect(adds({ balance: "-2", held: "0", owed: "2", available: "0" })).toBe(true);
  expect(adds({ balance: "10", held: "0.5", owed: "0", available: "10" })).toBe(false);
});

test("news are lines that came and by how much one grew, not older ones of a next page", () => {
  const last = [line("b", "-1", "4", "2026-11-26T06:10:00Z"), line("a", "5", "5", "2026-11-26T06:00:00Z")];
  const now = [line("c", "1", "4.5", "2026-11-26T06:20:00Z"), line("b", "-1.5", "3.5", "2026-11-26T06:15:00Z"), ...last.slice(1)];
  expect(newsOf(last, now).map(({ line: one, amount }) => [one.id, amount])).toEqual([["c", 1_000_000_000n], ["b", -500_000_000n]]);
  expect(newsOf(last, last)).toEqual([]);
  expect(newsOf(last.slice(0, 1), last)).toEqual([]);
});
