import { IconMapOff } from "@tabler/icons-react";

import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { ButtonLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";

/** 404 inside the frame. */
export function NotFound() {
  const t = useT();
  return (
    <>
      <PageHeader title={t("missing.title")} />
      <EmptyState icon={IconMapOff} title={t("missing.what")} action={<ButtonLink to="/">{t("missing.back")}</ButtonLink>}>
        {t("missing.why")}
      </EmptyState>
    </>
  );
}
