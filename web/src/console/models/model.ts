import { parse, typed } from "@/lib/money";
import type { Rates, RatesTyped, Row, Version } from "./queries";

/* Prices by class: which there are, what was typed, and what a history looks like. */

/** In the order in which they are read. The first two are always asked for. */
export const CLASSES = [
  "prompt",
  "completion",
  "cached",
  "cache_write",
  "reasoning",
  "request",
  "audio_prompt",
  "audio_completion",
  "image_prompt",
  "image_completion",
  "image",
  "second",
  "character",
] as const;
export type ClassName = (typeof CLASSES)[number];
/** Shown at once; the others are for models that hear, see and speak. */
export const COMMON: readonly ClassName[] = CLASSES.slice(0, 6);
export type Typed = Readonly<Partial<Record<ClassName, string>>>;

/** Return what a form shows of prices: those that are a class's own. */
export function shown(rates: Rates | null): Typed {
  if (rates === null) return {};
  const follow: Partial<Record<ClassName, ClassName>> = { cached: "prompt", cache_write: "prompt", reasoning: "completion" };
  const own: Partial<Record<ClassName, string>> = {};
  for (const name of CLASSES) {
    const value = rates[name];
    const whole = follow[name];
    if (value === null || (whole !== undefined && value === rates[whole])) continue;
    if (value === "0" && name !== "prompt" && name !== "completion" && whole === undefined) continue;
    own[name] = value;
  }
  return own;
}

/** Return the body for what was typed. An amount that cannot be read is sent as it is: /api says so beside its field. */
export function bodyOf(values: Typed): RatesTyped {
  const body: Partial<Record<ClassName, string>> = {};
  for (const name of CLASSES) {
    const text = (values[name] ?? "").trim();
    if (text !== "") body[name] = typed(text) ?? text;
  }
  return body as RatesTyped;
}

/** Whether what was typed again is the amount. */
export function same(text: string, amount: string): boolean {
  const read = typed(text);
  return read !== null && parse(read) === parse(amount);
}

/** Return a day and time of this browser as a moment, null for an empty text. */
export function momentOf(text: string): string | null {
  if (text === "") return null;
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? text : moment.toISOString();
}

export interface Point {
  at: number;
  prompt: number;
  completion: number;
}

/** Return the steps of a history, oldest first: prices that were or will be in effect, the last one up to `now` at least. */
export function steps(versions: readonly Version[], now: number): Point[] {
  const real = versions.filter((one) => one.state !== "withdrawn").toReversed();
  const points = real.map((one) => ({ at: Date.parse(one.effective_from), prompt: height(one.prices.prompt), completion: height(one.prices.completion) }));
  const last = points.at(-1);
  if (last !== undefined) points.push({ ...last, at: Math.max(now, last.at + 86_400_000) });
  return points;
}

/** The height of a step: the one place where a price loses digits. */
function height(amount: string): number {
  return Number(parse(amount)) / 1e9;
}

export const STANDINGS = ["on_sale", "hidden", "deprecated", "retired", "off", "no_price"] as const;
export const WANTED = ["", ...STANDINGS, "below_cost", "announced"] as const;

/** Return the rows that fit what stands in the address. */
export function found(rows: readonly Row[], q: string, wanted: string): Row[] {
  const text = q.toLowerCase();
  return rows.filter((row) => {
    if (text !== "" && !`${row.id} ${row.name} ${row.providers.join(" ")}`.toLowerCase().includes(text)) return false;
    if (wanted === "below_cost") return row.below_cost;
    if (wanted === "announced") return row.next_price !== null;
    return wanted === "" || row.standing === wanted;
  });
}
