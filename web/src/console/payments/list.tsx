import { useT } from "@/locales";
import { ConsoleHeader } from "../ConsoleHeader";
import { Methods } from "./Methods";

/** How customers may pay. */
export default function PaymentsPage() {
  const t = useT();
  return (
    <>
      <ConsoleHeader title={t("console_payments.title")} lead={t("console_payments.lead_methods")} />
      <Methods />
    </>
  );
}
