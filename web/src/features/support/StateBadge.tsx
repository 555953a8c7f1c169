import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";
import type { State } from "./model";

const LOOKS: Record<State, [color: string, label: Key]> = {
  open: ["accent", "support.state_open"],
  waiting: ["warn", "support.state_waiting"],
  solved: ["ok", "support.state_solved"],
};

/** Who owes the next word. */
export function StateBadge({ state }: { state: State }) {
  const t = useT();
  const [color, label] = LOOKS[state];
  return (
    <Badge color={color} miw="max-content">
      {(t as (key: Key) => string)(label)}
    </Badge>
  );
}
