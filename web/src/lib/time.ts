/* Moments are ISO 8601 in UTC. They are shown relative, with the absolute time and its zone one hover away. */

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** Return "3 hours ago" or "in 2 days". now: milliseconds. */
export function relative(moment: string, now: number, tag: string): string {
  const seconds = (Date.parse(moment) - now) / 1000;
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(tag, { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

/** Return date, time to the second and the name of the zone. zone: IANA name; undefined is the browser's. */
export function absolute(moment: string, tag: string, zone?: string): string {
  return new Intl.DateTimeFormat(tag, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
    timeZone: zone,
  }).format(new Date(moment));
}

/** Return the day alone. */
export function day(moment: string, tag: string, zone?: string): string {
  return new Intl.DateTimeFormat(tag, { year: "numeric", month: "short", day: "numeric", timeZone: zone }).format(new Date(moment));
}

/** Return hours and minutes with the zone: when a limit resets. */
export function clock(moment: string, tag: string, zone?: string): string {
  return new Intl.DateTimeFormat(tag, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
    timeZone: zone,
  }).format(new Date(moment));
}

/** Return when a limit resets: in the reader's zone, and in UTC where that is another one. */
export function resetTime(moment: string, tag: string, zone?: string): string {
  const here = clock(moment, tag, zone);
  const utc = clock(moment, tag, "UTC");
  return here === utc ? here : `${here} (${utc})`;
}

/** Return milliseconds in the unit people read: 420 ms, 1.3 s, 2 min 5 s. */
export function duration(milliseconds: number, tag: string): string {
  const number = (value: number, digits: number) => new Intl.NumberFormat(tag, { maximumFractionDigits: digits }).format(value);
  if (milliseconds < 1000) return `${number(milliseconds, 0)} ms`;
  if (milliseconds < 60_000) return `${number(milliseconds / 1000, 1)} s`;
  return `${number(Math.trunc(milliseconds / 60_000), 0)} min ${number(Math.round((milliseconds % 60_000) / 1000), 0)} s`;
}

/** Return a month, 2026-10, as people write it: October 2026. */
export function monthName(month: string, tag: string): string {
  return new Intl.DateTimeFormat(tag, { year: "numeric", month: "long", timeZone: "UTC" }).format(new Date(`${month}-01T00:00:00Z`));
}
