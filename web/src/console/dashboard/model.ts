import { parse } from "@/lib/money";
import type { Day, WaitingRow } from "./queries";

/* What the dashboard shows of what /api says. */

export const PERIODS = ["1", "7", "30"] as const;
export type Period = (typeof PERIODS)[number];
export const USUAL: Period = "7";

/** Return the period in the address; anything else is the usual one. */
export function periodOf(text: string): Period {
  return PERIODS.find((one) => one === text) ?? USUAL;
}

/** Where what waits is dealt with, below /console. */
export const QUEUES: Record<WaitingRow["kind"], { path: string; search?: Record<string, string> }> = {
  recharges: { path: "recharges" },
  refunds: { path: "refunds" },
  disputes: { path: "disputes" },
  payment_events: { path: "payments", search: { tab: "events", state: "failed" } },
  credits: { path: "credits" },
  tickets: { path: "support" },
  risk: { path: "risk" },
  alerts: { path: "alerts" },
  sign_ups: { path: "access" },
};

/** Return the bars of a day. Heights are the one place where an amount may lose its last digits. */
export function bars(days: readonly Day[]) {
  const height = (amount: string | null) => (amount === null ? 0 : Number(parse(amount)) / 1e9);
  return days.map((day) => ({
    day: day.day,
    recharged: height(day.recharged),
    charged: height(day.charged),
    cost: height(day.provider_cost),
    good: day.requests - day.errors,
    errors: day.errors,
  }));
}

/** Return a percentage as people write it: a minus that is one. */
export function signed(percent: string): string {
  return `${percent.replace("-", "−")} %`;
}
