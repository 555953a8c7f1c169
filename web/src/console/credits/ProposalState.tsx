import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";
import type { Row } from "./queries";

const COLORS: Record<Row["state"], string> = { open: "warn", booked: "ok", rejected: "gray", withdrawn: "gray", expired: "gray" };

/** What became of a proposal; and whether it had two eyes only. */
export function ProposalState({ row }: { row: Pick<Row, "state" | "alone"> }) {
  const t = useT();
  return (
    <>
      <Badge color={COLORS[row.state]} miw="max-content">
        {(t as (key: Key) => string)(`console_credits.state_${row.state}` as Key)}
      </Badge>
      {row.alone && (
        <>
          {" "}
          <Badge color="warn" variant="light" miw="max-content">
            {t("console_credits.alone")}
          </Badge>
        </>
      )}
    </>
  );
}
