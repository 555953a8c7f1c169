import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { PageHeader } from "@/ui/PageHeader";

export default function KeyPage() {
  const t = useT();
  return (
    <>
      <PageHeader title={t("nav.keys")} />
      <EmptyState title={t("soon.title")} />
    </>
  );
}
