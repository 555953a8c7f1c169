import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";
import type { QueueRow } from "./queries";

const LOOKS: Record<QueueRow["state"], [color: string, label: Key]> = {
  open: ["accent", "console_support.state_open"],
  waiting: ["gray", "console_support.state_waiting"],
  solved: ["ok", "support.state_solved"],
};

/** Who owes the next word, as staff see it. */
export function StateBadge({ state }: { state: QueueRow["state"] }) {
  const t = useT();
  const [color, label] = LOOKS[state];
  return (
    <Badge color={color} miw="max-content">
      {(t as (key: Key) => string)(label)}
    </Badge>
  );
}
