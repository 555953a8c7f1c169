import type { Job } from "./queries";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** Return a number of bytes as people say it: 1.4 GB. */
export function inBytes(bytes: number, tag: string): string {
  const power = bytes < 1 ? 0 : Math.min(Math.trunc(Math.log10(bytes) / 3), UNITS.length - 1);
  const unit = UNITS[power] ?? "byte";
  return new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: power === 0 ? 0 : 1 }).format(bytes / 1000 ** power);
}

export type Trouble = "failing" | "overdue" | "running" | "fine";

/** Return how a job fares; the worst of what is true. */
export function troubleOf(job: Pick<Job, "failures" | "overdue" | "running">): Trouble {
  return job.failures > 0 ? "failing" : job.overdue ? "overdue" : job.running ? "running" : "fine";
}
