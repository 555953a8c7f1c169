import { IconMapOff } from "@tabler/icons-react";

import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { ConsoleHeader } from "./ConsoleHeader";
import { ConsoleButton } from "./links";

/** 404 inside the frame: no such page, or none for this role. */
export function Missing() {
  const t = useT();
  return (
    <>
      <ConsoleHeader title={t("missing.title")} />
      <EmptyState icon={IconMapOff} title={t("missing.what")} action={<ConsoleButton to="/">{t("console.back_home")}</ConsoleButton>}>
        {t("console.missing_why")}
      </EmptyState>
    </>
  );
}
