import { useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { PageHeader } from "@/ui/PageHeader";

export default function LedgerPage() {
  const t = useT();
  return (
    <>
      <PageHeader title={t("nav.ledger")} />
      <EmptyState title={t("soon.title")} />
    </>
  );
}
