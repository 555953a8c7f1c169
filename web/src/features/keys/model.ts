import type { Schemas } from "@/api/client";
import { exact, parse, plain, typed } from "@/lib/money";
import type { Period } from "@/ui/SpendLimit";

/* What a key form holds, and how it becomes what /api takes. Pure. */

export type KeyRow = Schemas["KeyRow"];
export type Status = KeyRow["status"];
export type ManagementKey = Schemas["ManagementKeyRow"];

export const STATUSES: readonly Status[] = ["active", "rotating", "disabled", "expired", "revoked"];
export const PERIODS: readonly Period[] = ["day", "week", "month", "total"];

/** never, a number of days, or a moment of one's own. */
export type Expiry = "never" | "7" | "30" | "90" | "365" | "date";
export const EXPIRIES: readonly Expiry[] = ["never", "7", "30", "90", "365", "date"];

export interface KeyValues {
  name: string;
  expiry: Expiry;
  /** For `date`: local time as a datetime-local input has it. */
  date: string;
  models: string[];
  amount: string;
  period: Period;
  rpm: string;
  running: string;
}

/** A new key may spend something, but not everything, before somebody thinks about it. */
export const DEFAULTS: KeyValues = {
  name: "",
  expiry: "never",
  date: "",
  models: [],
  amount: "10",
  period: "month",
  rpm: "60",
  running: "",
};

export function valuesOfKey(key: KeyRow): KeyValues {
  return {
    name: key.name,
    expiry: key.expires_at === null ? "never" : "date",
    date: key.expires_at === null ? "" : localInput(new Date(key.expires_at)),
    models: key.allowed_models ?? [],
    amount: key.spend_limit === null ? "" : plain(parse(key.spend_limit)),
    period: key.spend_period ?? "month",
    rpm: key.rpm === null ? "" : String(key.rpm),
    running: key.max_running === null ? "" : String(key.max_running),
  };
}

export type Trouble = "name" | "date" | "past" | "amount" | "count";

/** Return what is wrong, by field; empty when the form can be sent. now: milliseconds. */
export function troubles(values: KeyValues, now: number): Partial<Record<keyof KeyValues, Trouble>> {
  const found: Partial<Record<keyof KeyValues, Trouble>> = {};
  if (values.name.trim() === "") found.name = "name";
  if (values.expiry === "date") {
    const moment = Date.parse(values.date);
    if (Number.isNaN(moment)) found.date = "date";
    else if (moment <= now) found.date = "past";
  }
  const amount = values.amount.trim();
  if (amount !== "" && (typed(amount) === null || parse(typed(amount) ?? "0") === 0n)) found.amount = "amount";
  if (!isCount(values.rpm)) found.rpm = "count";
  if (!isCount(values.running)) found.running = "count";
  return found;
}

/** Return the body for /api. Only for values without troubles. */
export function settingsOf(values: KeyValues, now: number): Schemas["KeySettings"] {
  const limit = typed(values.amount);
  return {
    name: values.name.trim(),
    rpm: count(values.rpm),
    max_running: count(values.running),
    spend_limit: limit,
    spend_period: limit === null ? null : values.period,
    allowed_models: values.models.length === 0 ? null : values.models,
    expires_at: expiresAt(values.expiry, values.date, now),
  };
}

/** Return the moment in which a choice ends, as ISO 8601; null for never. */
export function expiresAt(expiry: Expiry, date: string, now: number): string | null {
  if (expiry === "never") return null;
  if (expiry === "date") return new Date(date).toISOString();
  return new Date(now + Number(expiry) * 86_400_000).toISOString();
}

/** Whether a key answers at all: its calls may still be refused by a limit. */
export function works(status: Status): boolean {
  return status === "active" || status === "rotating";
}

export function amountInWords(amount: string, tag: string): string {
  return exact(parse(amount), tag).replace(/[.,]00$/, "");
}

function isCount(text: string): boolean {
  return text.trim() === "" || (/^\d{1,9}$/.test(text.trim()) && Number(text) > 0);
}

function count(text: string): number | null {
  return text.trim() === "" ? null : Number(text);
}

/** Return a moment as a datetime-local input wants it: local, to the minute. */
export function localInput(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
