import { typed } from "@/lib/money";
import type { Values } from "../ActDialog";
import type { Wish } from "./queries";

/* What staff type about Credits becomes the body of a request. */

export const GIVINGS = ["give", "take", "promo"] as const;

/** The body of an adjustment or a grant. What is no amount is refused by /api, beside its field. */
export function wishOf(workspace: string, values: Values): Wish {
  const amount = typed(values.credits ?? "") ?? values.credits ?? "";
  const kind = values.giving;
  return {
    workspace,
    kind: kind === "promo" ? "promo" : "adjustment",
    credits: kind === "take" && !amount.startsWith("-") ? `-${amount}` : amount,
    expires_on: values.expires_on === undefined || values.expires_on === "" ? null : values.expires_on,
    note: values.note ?? "",
    reason: values.reason ?? "",
  };
}

/** The body that gives back the charge of a request, or a part of it. */
export function givingBack(request: string, values: Values): Wish {
  return {
    kind: "usage_refund",
    request,
    credits: typed(values.credits ?? "") ?? values.credits ?? "",
    note: values.note ?? "",
    reason: values.reason ?? "",
  };
}
