import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { PageHeader } from "@/ui/PageHeader";

export default function ReceiptPage() {
  const t = useT();
  return (
    <>
      <PageHeader title={t("nav.usage")} />
      <EmptyState title={t("soon.title")} />
    </>
  );
}
