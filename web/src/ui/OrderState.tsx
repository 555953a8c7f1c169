import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";

const COLORS: Record<string, string> = {
  awaiting_proof: "warn",
  needs_information: "warn",
  open: "warn",
  created: "gray",
  submitted: "accent",
  in_review: "accent",
  awaiting_payment: "accent",
  credited: "ok",
  rejected: "bad",
  failed: "bad",
  reversed: "bad",
  duplicate: "gray",
  cancelled: "gray",
  expired: "gray",
  requested: "accent",
  approved: "accent",
  sent: "accent",
  paid: "ok",
  converted: "ok",
  warned: "warn",
  inquiry: "warn",
  under_review: "warn",
  won: "ok",
  lost: "bad",
  closed: "gray",
};

type Of = "order" | "refund" | "dispute";

/** The state of an order, a refund or a dispute in a word. */
export function OrderState({ of, state }: { of: Of; state: string }) {
  const t = useT();
  // A dispute that is open is worse than an order that is.
  const color = of === "dispute" && state === "open" ? "bad" : (COLORS[state] ?? "gray");
  return (
    <Badge variant="light" color={color}>
      {(t as (key: Key) => string)(`${of}.state_${state}` as Key)}
    </Badge>
  );
}

/** Nothing of it is real money. short: in lists. */
export function TestMode({ short = false }: { short?: boolean }) {
  const t = useT();
  return (
    <Badge variant="light" color="warn">
      {t(short ? "payment.test" : "payment.test_mode")}
    </Badge>
  );
}
