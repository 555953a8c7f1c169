import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";
import type { PromoCode } from "./queries";

const LOOKS: Record<PromoCode["state"], [color: string, label: Key]> = {
  proposed: ["warn", "console_promos.state_proposed"],
  live: ["ok", "console_promos.state_live"],
  used_up: ["gray", "console_promos.state_used_up"],
  expired: ["gray", "console_promos.state_expired"],
  retired: ["gray", "console_promos.state_retired"],
};

export function PromoState({ state }: { state: PromoCode["state"] }) {
  const t = useT();
  const [color, label] = LOOKS[state];
  return (
    <Badge color={color} miw="max-content">
      {(t as (key: Key) => string)(label)}
    </Badge>
  );
}
