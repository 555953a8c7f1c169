import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";

const KNOWN: readonly string[] = ["risk_review", "returned_after_loss", "partly_returned"];

/** Why a person should look at a dispute, and whether its bank waits for an answer. */
export function Flag({ flag, owed }: { flag: string; owed: boolean }) {
  const t = useT();
  return (
    <>
      {owed && (
        <Badge variant="light" color="bad">
          {t("console_disputes.answer_owed")}
        </Badge>
      )}
      {flag !== "" && (
        <Badge variant="light" color="warn">
          {KNOWN.includes(flag) ? (t as (key: Key) => string)(`console_disputes.flag_${flag}` as Key) : flag.replaceAll("_", " ")}
        </Badge>
      )}
    </>
  );
}
