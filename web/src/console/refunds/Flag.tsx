import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";

const KNOWN: readonly string[] = ["made_elsewhere", "credits_missing", "paid_after_failure", "disputed"];

/** Why a person should look at a refund. */
export function Flag({ flag }: { flag: string }) {
  const t = useT();
  if (flag === "") return null;
  return (
    <Badge variant="light" color="warn">
      {KNOWN.includes(flag) ? (t as (key: Key) => string)(`console_refunds.flag_${flag}` as Key) : flag.replaceAll("_", " ")}
    </Badge>
  );
}
