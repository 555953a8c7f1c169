const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** Return how long somebody has waited, in its two largest units: "2 hr 5 min". seconds: whole or not. */
export function waited(seconds: number, tag: string): string {
  const say = (value: number, unit: string) => new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "short" }).format(value);
  const minutes = Math.max(0, Math.floor(seconds / 60)) * 60;
  const first = UNITS.findIndex(([, size]) => minutes >= size);
  if (first === -1) return say(0, "minute");
  const parts: string[] = [];
  let rest = minutes;
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const value = Math.floor(rest / size);
    rest -= value * size;
    if (value > 0) parts.push(say(value, unit));
  }
  return parts.join(" ");
}
