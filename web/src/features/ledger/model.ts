import type { Schemas } from "@/api/client";
import { parse, plain } from "@/lib/money";
import { HOUR, momentOf } from "@/lib/period";

/* PURE  What the address says about the ledger, and the sums that its reader can follow. */

export type Head = Schemas["LedgerHead"];
export type Line = Schemas["LedgerLine"];
export type Kind = Line["kind"];
export type Receipt = Schemas["Receipt"];

export const KINDS = [
  "usage", "recharge", "promo", "expiry", "refund", "adjustment", "conversion", "chargeback", "reversal",
] as const satisfies readonly Kind[];

/** How usage is put together. */
export const GROUPS = ["none", "hour", "day"] as const;
export type Group = (typeof GROUPS)[number];

/** Ranges by name, in hours; without one the ledger reaches back to its first line. */
export const RANGES = { "7d": 7 * 24, "30d": 30 * 24, "90d": 90 * 24 } as const;
export type Range = "all" | keyof typeof RANGES | "days";

/** Names of the address that leave lines out. */
export const NARROWING = ["kind", "range", "from", "to"] as const;

/** What the address has; `values` returns every value of a name. */
export interface Reader {
  value: (name: string) => string;
  values: (name: string) => string[];
}

export function groupOf(address: Reader): Group {
  const group = address.value("group") as Group;
  return GROUPS.includes(group) ? group : "hour";
}

export function rangeOf(address: Reader): Range {
  if (address.value("from") !== "" || address.value("to") !== "") return "days";
  const range = address.value("range");
  return range in RANGES ? (range as Range) : "all";
}

/**
 * Return the query of /api for an address.
 *
 * now   milliseconds; a moving start is cut to the hour, as the ledger is
 * zone  IANA name: the days `from` and `to` begin and end there, both of them included
 */
export function queryOf(address: Reader, now: number, zone: string) {
  const range = rangeOf(address);
  const [from, to] =
    range === "all"
      ? [null, null]
      : range === "days"
        ? [momentOf(address.value("from"), zone, 0), momentOf(address.value("to"), zone, 1)]
        : [Math.floor(now / HOUR) * HOUR - RANGES[range] * HOUR, null];
  return {
    from: from === null ? undefined : new Date(from).toISOString(),
    to: to === null ? undefined : new Date(to).toISOString(),
    kind: address.values("kind").filter((kind): kind is Kind => (KINDS as readonly string[]).includes(kind)),
  };
}

/** Return the query as text, for a download. */
export function queryText(query: ReturnType<typeof queryOf>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) parameters.append(name, one);
  }
  return parameters.toString();
}

/** Return the sum of the amounts of lines. */
export function added(lines: readonly Pick<Line, "amount">[]): bigint {
  return lines.reduce((sum, line) => sum + parse(line.amount), 0n);
}

/** Return how many decimals an amount is written with. */
export function places(amount: string): number {
  return Math.max(2, plain(parse(amount)).split(".")[1]?.length ?? 0);
}

/** Return the balance before a line. */
export function before(line: Pick<Line, "amount" | "balance_after">): bigint {
  return parse(line.balance_after) - parse(line.amount);
}

/** Whether each balance is the one before plus the amount. lines: newest first, nothing left out between them. */
export function chains(lines: readonly Pick<Line, "amount" | "balance_after">[]): boolean {
  return lines.every((line, index) => {
    const older = lines[index + 1];
    return older === undefined || before(line) === parse(older.balance_after);
  });
}

/** balance − held (+ what is owed, which a balance is less by) = available. */
export function adds(head: Pick<Head, "available" | "balance" | "held" | "owed">): boolean {
  return parse(head.balance) - parse(head.held) + parse(head.owed) === parse(head.available);
}

/** A line that came, or by how much one grew. */
export interface News {
  line: Line;
  amount: bigint;
}

/** Return what is new on a list since it was read last; both are the newest lines, newest first. */
export function newsOf(last: readonly Line[], now: readonly Line[]): News[] {
  const known = new Map(last.map((line) => [line.id, line]));
  const oldest = last.at(-1);
  return now.flatMap((line) => {
    const old = known.get(line.id);
    if (old === undefined) return oldest === undefined || line.time >= oldest.time ? [{ line, amount: parse(line.amount) }] : [];
    const grown = parse(line.amount) - parse(old.amount);
    return grown === 0n ? [] : [{ line, amount: grown }];
  });
}
