import type { OrderRow, Refund } from "@/api/payments";
import type { Schemas } from "@/api/client";
import { parse, typed } from "@/lib/money";
import type { Key } from "@/locales";

/* PURE  A refund in words, and what is wrong with a request for one. */

export type Refundable = Schemas["Refundable"];
export type Kind = Refund["kind"];
export type Preference = Refund["preference"];

const STEPS: Record<string, Key> = {
  requested: "refund.step_requested",
  in_review: "refund.step_in_review",
  first_approval: "refund.step_first_approval",
  retried: "refund.step_retried",
  approved: "refund.step_approved",
  sent: "refund.step_sent",
  paid: "refund.step_paid",
  failed: "refund.step_failed",
  returned: "refund.step_returned",
  rejected: "refund.step_rejected",
  converted: "refund.step_converted",
  cancelled: "refund.step_cancelled",
};

export function stepWord(step: string): Key | undefined {
  return STEPS[step];
}

export interface Request {
  kind: Kind;
  other: string;
  preference: Preference;
  /** As it was typed; empty: as much as can come back. */
  credits: string;
  reason: string;
}

export type Trouble = "other" | "amount" | "most" | "reason";

/** What is wrong with a request. paidTwice: the order itself has two payments, no other one has to be named. */
export function troubles(request: Request, most: string, paidTwice = false): Trouble[] {
  const found: Trouble[] = [];
  if (request.kind === "duplicate" && request.other === "" && !paidTwice) found.push("other");
  if (request.kind === "unused" && request.credits.trim() !== "") {
    const credits = typed(request.credits);
    if (credits === null || parse(credits) === 0n) found.push("amount");
    else if (parse(credits) > parse(most)) found.push("most");
  }
  if (request.reason.trim() === "") found.push("reason");
  return found;
}

/** What becomes of an order whose payment was too much. */
const PAID_IN_VAIN: readonly string[] = ["duplicate", "rejected", "expired", "cancelled"];

/** Whether there is only one thing to ask for: the order was not credited, so nothing of it is unused. */
export function onlyTwice(order: OrderRow): boolean {
  return order.credited_at === null;
}

/** The orders that may be the other half of a payment made twice: those of the same total first. */
export function others(order: OrderRow, all: readonly OrderRow[]): OrderRow[] {
  const same = (row: OrderRow) => row.total.minor === order.total.minor && row.total.currency === order.total.currency;
  return all.filter((row) => row.id !== order.id && (row.credited_at !== null || (!onlyTwice(order) && PAID_IN_VAIN.includes(row.state)))).sort((one, two) => Number(same(two)) - Number(same(one)));
}
