import { Badge } from "@mantine/core";

import { useT } from "@/locales";
import type { MailState } from "./queries";

const COLORS: Readonly<Record<MailState, string>> = { queued: "accent", sent: "ok", failed: "bad", kept: "warn" };

export function MailBadge({ state }: { state: MailState }) {
  const t = useT();
  return (
    <Badge variant="light" color={COLORS[state]}>
      {t(`console_system.mail_${state}`)}
    </Badge>
  );
}
