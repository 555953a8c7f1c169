import { Badge } from "@mantine/core";

import { useT } from "@/locales";
import type { Row } from "./queries";

/** Whether a provider is used: stopped and capped outweigh on. */
export function ProviderState({ row }: { row: Row }) {
  const t = useT();
  if (row.stopped) return <Badge color="bad">{t("console_providers.stopped")}</Badge>;
  if (!row.enabled) return <Badge color="gray">{t("console_providers.off")}</Badge>;
  if (row.day.reached || row.month.reached) return <Badge color="warn">{t("console_providers.capped")}</Badge>;
  return (
    <>
      <Badge color="ok">{t("console_providers.on")}</Badge>
      {row.breakers_open > 0 && <Badge color="warn">{t("console_providers.resting", { count: row.breakers_open })}</Badge>}
    </>
  );
}

/** What may be known of a key. */
export function KeyFact({ of }: { of: Row["key"] }) {
  const t = useT();
  if (!of.is_set) return <>{t("console_providers.key_none")}</>;
  return <>{of.ends === null ? t("console_providers.key_set") : t("console_providers.key_ends", { ends: of.ends })}</>;
}
