import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";
import type { CaseRow, Hit } from "./queries";

const COLORS = { low: "gray", medium: "warn", high: "bad" } as const;
const STATES = { open: "accent", cleared: "ok", limited: "warn", frozen: "bad", banned: "bad" } as const;

export function SeverityMark({ severity }: { severity: CaseRow["severity"] }) {
  const say = useT() as (key: Key) => string;
  return <Badge color={COLORS[severity]} miw="max-content">{say(`console_risk.severity_${severity}` as Key)}</Badge>;
}

export function StateMark({ state }: { state: CaseRow["state"] }) {
  const say = useT() as (key: Key) => string;
  return <Badge color={STATES[state]} miw="max-content">{say(`console_risk.state_${state}` as Key)}</Badge>;
}

/** What came of a hit. */
export function ActedMark({ hit }: { hit: Hit }) {
  const say = useT() as (key: Key) => string;
  if (hit.acted === null) return <Badge color="gray">{say("console_risk.acting")}</Badge>;
  return (
    <>
      <Badge color={hit.acted === "freeze" ? "bad" : hit.acted === "limit" ? "warn" : "gray"}>{say(`console_risk.acted_${hit.acted}` as Key)}</Badge>
      {hit.spared !== "" && <Badge color="gray">{say(`console_risk.spared_${hit.spared}` as Key)}</Badge>}
      {hit.reversed_at !== null && <Badge color="ok">{say("console_risk.reversed")}</Badge>}
    </>
  );
}
