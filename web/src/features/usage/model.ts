import type { Schemas } from "@/api/client";
import { HOUR, momentOf } from "@/lib/period";

/* PURE  What the address says about usage, and what of it is shown. */

export type Chart = Schemas["UsageChart"];
export type Totals = Schemas["UsageTotals"];
export type RequestRow = Schemas["RequestRow"];
export type Receipt = Schemas["Receipt"];

/** Ways to cut the chart. */
export const DIVISIONS = ["model", "key", "source", "member"] as const;
export type Division = (typeof DIVISIONS)[number];

export const METRICS = ["spend", "requests", "tokens"] as const;
export type Metric = (typeof METRICS)[number];

/** Ranges by name, in hours. */
export const RANGES = { "24h": 24, "7d": 7 * 24, "30d": 30 * 24, "90d": 90 * 24 } as const;
export type Range = keyof typeof RANGES;

export const SOURCES = ["api", "chat", "background"] as const;
export type Source = (typeof SOURCES)[number];

/** Whether a part of a chart is a source: requests without a key are told apart by it. */
export function isSource(key: string): key is Source {
  return (SOURCES as readonly string[]).includes(key);
}

export const OUTCOMES = ["completed", "failed", "stopped", "cut"] as const;

/** Names of the address that choose requests, in the order of the form. */
export const CHOICES = ["model", "key", "member", "source", "outcome"] as const;
export type Choice = (typeof CHOICES)[number];

const MINUTE = 60_000;

/** A period: ISO moments; without an end it reaches up to now. */
export interface Span {
  from: string;
  to?: string;
}

/** What the address has; `values` returns every value of a name. */
export interface Reader {
  value: (name: string) => string;
  values: (name: string) => string[];
}

/** Return the named range of an address: 24 hours unless it says otherwise, "" for days of one's own. */
export function rangeOf(address: Reader): Range | "" {
  if (address.value("from") !== "" || address.value("to") !== "") return "";
  const range = address.value("range");
  return range in RANGES ? (range as Range) : "24h";
}

/**
 * Return the period of an address.
 *
 * now   milliseconds; a moving start is cut to the minute, so that a page asks for the same period for a while
 * zone  IANA name: the days `from` and `to` begin and end there, both of them included
 */
export function spanOf(address: Reader, now: number, zone: string): Span {
  const range = rangeOf(address);
  if (range !== "") return { from: new Date(Math.floor((now - RANGES[range] * HOUR) / MINUTE) * MINUTE).toISOString() };
  const from = momentOf(address.value("from"), zone, 0);
  const to = momentOf(address.value("to"), zone, 1);
  return {
    from: new Date(from ?? (to ?? now) - 30 * 24 * HOUR).toISOString(),
    ...(to === null ? {} : { to: new Date(to).toISOString() }),
  };
}

/** Return the query of /api for an address. */
export function queryOf(address: Reader, span: Span) {
  return {
    from: span.from,
    to: span.to,
    model: address.values("model"),
    key: address.values("key"),
    member: address.values("member"),
    source: address.values("source") as Schemas["RequestRow"]["source"][],
    outcome: address.values("outcome") as (typeof OUTCOMES)[number][],
  };
}

/** Return the query as text, for a download. */
export function queryText(query: ReturnType<typeof queryOf>, format: string): string {
  const parameters = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) parameters.append(name, one);
  }
  return parameters.toString();
}

/** Return by which part a number changed, null when there was nothing before. */
export function change(current: number, previous: number): number | null {
  return previous === 0 ? null : (current - previous) / previous;
}

/** Return all tokens of a row or a total: cached ones are part of the prompt, reasoning of the completion. */
export function tokensOf(tokens: Pick<Schemas["Tokens"], "prompt" | "completion">): number {
  return tokens.prompt + tokens.completion;
}

/** Return the colour of a part of the chart, by its place: six of the tokens, the rest quiet. */
export function colourOf(key: string, place: number): string {
  return key === "other" || place > 5 ? "var(--text-3)" : `var(--series-${place + 1})`;
}

/** Return the end of a bucket of the chart. */
export function bucketEnd(chart: Chart, index: number): number {
  const next = chart.starts[index + 1];
  const start = Date.parse(chart.starts[index] ?? "");
  return next === undefined ? start + (chart.bucket === "hour" ? HOUR : 24 * HOUR) : Date.parse(next);
}
