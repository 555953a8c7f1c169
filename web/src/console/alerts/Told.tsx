import { useT } from "@/locales";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "./alerts.module.css";
import type { Notice } from "./queries";

/** To whom a notice went, and whether it arrived. */
export function Told({ notice }: { notice: Notice }) {
  const t = useT();
  const { mails, delivery } = notice;
  if (mails.length === 0 && delivery === null) return <>{t("console_alerts.told_nobody")}</>;
  return (
    <ul className={styles.told}>
      {mails.map((mail) => (
        <li key={mail.recipient}>
          {t("console_alerts.told_mail", { recipient: mail.recipient, state: t(`console_alerts.mail_${mail.state}`) })}
          {mail.error !== null && <small> {mail.error}</small>}
        </li>
      ))}
      {delivery && (
        <li>
          {t("console_alerts.told_webhook", { state: t(`console_alerts.delivery_${delivery.state}`) })}
          {delivery.error !== null && <small> {t("console_alerts.after_tries", { error: delivery.error, count: delivery.attempts })}</small>}
          {delivery.next_try_at !== null && delivery.attempts > 0 && (
            <small>
              {" "}
              {t("console_alerts.next_try")} <TimeAgo moment={delivery.next_try_at} />
            </small>
          )}
        </li>
      )}
    </ul>
  );
}
