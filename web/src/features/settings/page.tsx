import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { PageHeader } from "@/ui/PageHeader";

export default function SettingsPage() {
  const t = useT();
  return (
    <>
      <PageHeader title={t("nav.settings")} />
      <EmptyState title={t("soon.title")} />
    </>
  );
}
