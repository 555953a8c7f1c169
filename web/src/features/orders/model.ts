import type { Order } from "@/api/payments";
import type { Key } from "@/locales";

/* PURE  An order in words: where it stands, what the customer does next. */

const STEPS: Record<string, Key> = {
  created: "order.step_created",
  submitted: "order.step_submitted",
  replaced: "order.step_replaced",
  question: "order.step_question",
  answered: "order.step_answered",
  first_approval: "order.step_first_approval",
  credited: "order.step_credited",
  late_payment: "order.step_late_payment",
  paid_twice: "order.step_paid_twice",
  amount_mismatch: "order.step_amount_mismatch",
  currency_mismatch: "order.step_currency_mismatch",
  rejected: "order.step_rejected",
  duplicate: "order.step_duplicate",
  cancelled: "order.step_cancelled",
  expired: "order.step_expired",
  open: "order.step_open",
  awaiting_payment: "order.step_awaiting_payment",
  failed: "order.step_failed",
  reversed: "order.step_reversed",
  dispute_opened: "order.step_dispute_opened",
  dispute_won: "order.step_dispute_won",
  dispute_lost: "order.step_dispute_lost",
  refund_requested: "order.step_refund_requested",
  refund_approved: "order.step_refund_approved",
  refunded: "order.step_refunded",
  refund_failed: "order.step_refund_failed",
  refund_rejected: "order.step_refund_rejected",
  refund_converted: "order.step_refund_converted",
  refund_cancelled: "order.step_refund_cancelled",
};

export function stepWord(step: string): Key | undefined {
  return STEPS[step];
}

/** How an order looks from far: what colour its headline has. */
export function toneOf(state: Order["state"]): "ask" | "wait" | "good" | "bad" | "over" {
  switch (state) {
    case "awaiting_proof":
    case "needs_information":
    case "open":
      return "ask";
    case "created":
    case "submitted":
    case "in_review":
    case "awaiting_payment":
      return "wait";
    case "credited":
      return "good";
    case "rejected":
    case "failed":
    case "reversed":
      return "bad";
    case "duplicate":
    case "cancelled":
    case "expired":
      return "over";
  }
}

/** Whether the page shows where to pay. */
export function showsAccount(order: Pick<Order, "channel" | "state">): boolean {
  return order.channel === "manual" && ["awaiting_proof", "submitted", "in_review", "needs_information"].includes(order.state);
}

/** What the address of a new order with the same amount asks for. */
export function retryOf(order: Pick<Order, "channel" | "credits">): Record<string, string> {
  return order.channel === "manual" ? { credits: order.credits } : { credits: order.credits, method: "checkout" };
}

export type ProofTrouble = "proof" | "payer_reference" | "paid_on";

/** What is missing in a proof. today: YYYY-MM-DD, in the payer's zone. */
export function proofTroubles(values: { upload: unknown; payerReference: string; paidOn: string }, today: string): ProofTrouble[] {
  const troubles: ProofTrouble[] = [];
  if (values.upload === null) troubles.push("proof");
  if (values.payerReference.trim() === "") troubles.push("payer_reference");
  if (values.paidOn !== "" && values.paidOn > today) troubles.push("paid_on");
  return troubles;
}
