import { inBrowser } from "@/lib/kept";
import { parse } from "@/lib/money";

/* How low a balance is, and whether somebody has read that it is. Whoever dismisses a level hears of the next one, and of
   the same one again once the balance had clearly recovered: as mails do. */

export const LEVELS = ["low", "very_low", "empty"] as const;
export type Level = (typeof LEVELS)[number];

interface Balance {
  balance: string | null;
  low_balance_threshold: string | null;
}

/** Percent of the threshold from which a balance has recovered; a request more or less is no recovery. */
const RECOVERED = 110n;
/** A quarter of the threshold is the next level. */
const PARTS = 4n;

/** Return how low a balance is, null when it is not, or when nobody wants to know. */
export function levelOf({ balance, low_balance_threshold }: Balance): Level | null {
  if (balance === null || low_balance_threshold === null) return null;
  const left = parse(balance);
  const threshold = parse(low_balance_threshold);
  if (threshold <= 0n || left >= threshold) return null;
  if (left <= 0n) return "empty";
  return left * PARTS < threshold ? "very_low" : "low";
}

/** Return whether a balance is clear of its threshold, so that what was dismissed counts no more. */
export function hasRecovered({ balance, low_balance_threshold }: Balance): boolean {
  if (balance === null) return false;
  return low_balance_threshold === null || parse(balance) * 100n >= parse(low_balance_threshold) * RECOVERED;
}

/** Return whether a level, or a worse one, was dismissed. dismissed: a level as it was stored, or anything else. */
export function isDismissed(level: Level, dismissed: string | null): boolean {
  return LEVELS.indexOf(level) <= LEVELS.findIndex((one) => one === dismissed);
}

const nameOf = (workspace: string) => `omna.low_balance.${workspace}`;

export function dismissedLevel(workspace: string): string | null {
  return inBrowser.read(nameOf(workspace));
}

export function dismissLevel(workspace: string, level: Level): void {
  inBrowser.write(nameOf(workspace), level);
}

export function forgetDismissal(workspace: string): void {
  inBrowser.forget(nameOf(workspace));
}
