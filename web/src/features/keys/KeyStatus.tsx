import { Badge } from "@mantine/core";

import { type Key, useT } from "@/locales";
import type { Status } from "./model";

const LOOKS: Record<Status, [color: string, label: Key]> = {
  active: ["ok", "key.status_active"],
  rotating: ["warn", "key.status_rotating"],
  disabled: ["gray", "key.status_disabled"],
  expired: ["gray", "key.status_expired"],
  revoked: ["bad", "key.status_revoked"],
};

export function statusName(status: Status): Key {
  return LOOKS[status][1];
}

export function KeyStatus({ status }: { status: Status }) {
  const t = useT();
  const [color, label] = LOOKS[status];
  return <Badge color={color} miw="max-content">{(t as (key: Key) => string)(label)}</Badge>;
}
