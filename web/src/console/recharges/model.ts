import type { Detail } from "./queries";

/* What staff may do with an order now. Who may not, and what no state allows, is not drawn. */

/** Asking the payment service may still bring something, also where it said "no" before. */
const TO_RECONCILE: readonly string[] = ["created", "open", "awaiting_payment", "expired", "failed", "cancelled", "submitted", "in_review"];

export interface Possible {
  claim: boolean;
  release: boolean;
  approve: boolean;
  reject: boolean;
  ask: boolean;
  duplicate: boolean;
  reconcile: boolean;
}

type Facts = Pick<Detail, "state" | "channel" | "decidable" | "yours"> & {
  lock: { yours: boolean } | null;
  first_approver: { yours: boolean } | null;
};

export function possible(order: Facts, money: boolean): Possible {
  const open = money && order.decidable;
  const decide = open && order.lock?.yours === true;
  return {
    claim: open && order.lock === null,
    release: decide,
    // Nobody approves for themselves, and the second approval is somebody else's.
    approve: decide && !order.yours && order.first_approver?.yours !== true,
    reject: decide,
    ask: decide && order.channel === "manual" && order.state !== "needs_information",
    duplicate: decide && order.channel === "manual",
    reconcile: money && order.channel !== "manual" && TO_RECONCILE.includes(order.state),
  };
}
