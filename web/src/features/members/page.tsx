import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { PageHeader } from "@/ui/PageHeader";

export default function TeamPage() {
  const t = useT();
  return (
    <>
      <PageHeader title={t("nav.team")} />
      <EmptyState title={t("soon.title")} />
    </>
  );
}
