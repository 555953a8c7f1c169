import type { Detail } from "./queries";

/* What staff may do with a refund now. Who may not, and what no state allows, is not drawn. */

export interface Possible {
  claim: boolean;
  release: boolean;
  approve: boolean;
  reject: boolean;
  convert: boolean;
  paid: boolean;
  retry: boolean;
  giveBack: boolean;
}

type Facts = Pick<Detail, "state" | "kind" | "payout" | "attempts" | "yours" | "approved_credits"> & {
  lock: { yours: boolean } | null;
  first_approver: { yours: boolean } | null;
};

export function possible(refund: Facts, money: boolean): Possible {
  const waits = money && (refund.state === "requested" || refund.state === "in_review");
  const decide = waits && !refund.yours && (refund.lock === null || refund.lock.yours);
  const byHand = refund.payout === "manual";
  const others = money && !refund.yours;
  const approved = others && refund.state === "approved";
  return {
    claim: waits && !refund.yours && refund.lock === null,
    release: waits && refund.lock?.yours === true,
    // The second approval is somebody else's.
    approve: decide && refund.first_approver?.yours !== true,
    reject: decide,
    convert: decide && refund.kind === "duplicate",
    paid: approved && byHand,
    retry: (others && refund.state === "failed" && refund.approved_credits !== null) || (approved && !byHand),
    // What a payment service may be paying is not given back beside it.
    giveBack: (approved && (byHand || refund.attempts === 0)) || (others && refund.state === "paid" && byHand),
  };
}
