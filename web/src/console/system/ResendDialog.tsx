import { useT } from "@/locales";
import { ActDialog } from "../ActDialog";
import { type MailRow, useSystemActs } from "./queries";

/** Have a mail sent again, to the address it was for. */
export function ResendDialog({ mail, onClose }: { mail: Pick<MailRow, "id" | "subject" | "recipient">; onClose: () => void }) {
  const t = useT();
  const acts = useSystemActs();
  return (
    <ActDialog
      opened
      onClose={onClose}
      title={t("console_system.resend_title", { subject: mail.subject })}
      verb={t("console_system.resend")}
      onConfirm={({ reason = "" }) => acts.resend(mail.id, reason)}
      done={t("console_system.resent")}
    >
      {t("console_system.resend_text", { to: mail.recipient })}
    </ActDialog>
  );
}
