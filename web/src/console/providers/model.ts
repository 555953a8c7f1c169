import type { Key } from "@/locales";

/** Classes of failure that have words; /api may know more one day. */
const FAILURES = [
  "unsupported",
  "crowded",
  "connect",
  "reset",
  "status",
  "malformed",
  "reported",
  "truncated",
  "first_byte",
  "progress",
  "total",
  "quota",
  "rate_limited",
  "not_found",
  "invalid",
  "payment",
  "credential",
  "overloaded",
  "address",
  "key",
];

export function failureKey(failure: string): Key {
  return (FAILURES.includes(failure) ? `console_providers.failure_${failure}` : "console_providers.failure_other") as Key;
}

/** 0.125 → "12.5%"; null is no call at all. */
export function rate(part: number | null, tag: string): string {
  return part === null ? "—" : new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 }).format(part);
}

/** 850 → "850 ms", 1250 → "1.3 s". */
export function took(milliseconds: number | null, tag: string): string {
  if (milliseconds === null) return "—";
  const seconds = milliseconds >= 1000;
  return new Intl.NumberFormat(tag, {
    style: "unit",
    unit: seconds ? "second" : "millisecond",
    unitDisplay: "short",
    maximumFractionDigits: seconds && milliseconds < 10_000 ? 1 : 0,
  }).format(seconds ? milliseconds / 1000 : milliseconds);
}

export function host(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

/** A whole number that was typed, null when nothing was; undefined is none of both. */
export function whole(text: string): number | null | undefined {
  if (text === "") return null;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Bars of a plot, as parts of the highest one. */
export function bars(points: readonly { calls: number; failed: number }[]): { good: number; bad: number }[] {
  const most = Math.max(1, ...points.map((point) => point.calls));
  return points.map((point) => ({ good: (point.calls - point.failed) / most, bad: point.failed / most }));
}
