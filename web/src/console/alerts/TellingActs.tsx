import { useT } from "@/locales";
import { ActDialog } from "../ActDialog";
import { addressesIn } from "./model";
import { type AlertSettings, useAlertActs } from "./queries";

export type TellingAct = "recipients" | "set_webhook" | "rotate" | "remove" | "test";

interface TellingActsProps {
  now: AlertSettings;
  acting: TellingAct | null;
  /** A new secret of the webhook, to be shown once. */
  onSecret: (secret: string) => void;
  onClose: () => void;
}

const SEVERITIES = ["info", "warning", "critical"] as const;

/** The dialogs of the settings. */
export function TellingActs({ now, acting, onSecret, onClose }: TellingActsProps) {
  const t = useT();
  const acts = useAlertActs();
  const shown = async <Answer extends { secret?: string | null }>(asked: Promise<Answer>) => {
    const answer = await asked;
    if (answer.secret) onSecret(answer.secret);
    return answer;
  };
  return (
    <>
      <ActDialog
        opened={acting === "recipients"}
        onClose={onClose}
        title={t("console_alerts.recipients")}
        verb={t("console_alerts.save")}
        fields={[
          {
            name: "recipients",
            label: t("console_alerts.addresses"),
            description: t("console_alerts.addresses_hint"),
            long: true,
            optional: true,
            initial: now.recipients?.join("\n") ?? "",
          },
          {
            name: "least_severity",
            label: t("console_alerts.least_severity"),
            choices: SEVERITIES.map((value) => ({ value, label: t(`console_alerts.severity_${value}`) })),
            initial: now.least_severity,
          },
        ]}
        onConfirm={(values) =>
          acts.setRecipients({
            recipients: addressesIn(values.recipients ?? ""),
            least_severity: SEVERITIES.find((one) => one === values.least_severity) ?? "warning",
            reason: values.reason ?? "",
          })
        }
        done={t("console_alerts.saved")}
      />
      <ActDialog
        opened={acting === "set_webhook"}
        onClose={onClose}
        title={t("console_alerts.set_webhook")}
        verb={t("console_alerts.save")}
        fields={[
          { name: "url", label: t("console_alerts.url"), description: t("console_alerts.url_hint"), initial: now.webhook?.url ?? "" },
          {
            name: "allowed",
            label: t("console_alerts.allowed"),
            description: t("console_alerts.allowed_hint"),
            choices: [
              { value: "no", label: t("console_alerts.allowed_no") },
              { value: "yes", label: t("console_alerts.allowed_yes") },
            ],
            initial: now.webhook?.allowed ? "yes" : "no",
          },
        ]}
        onConfirm={(values) => shown(acts.setWebhook({ url: values.url ?? "", allowed: values.allowed === "yes", reason: values.reason ?? "" }))}
        done={t("console_alerts.saved")}
      >
        {t("console_alerts.set_webhook_text")}
      </ActDialog>
      <ActDialog
        opened={acting === "rotate"}
        onClose={onClose}
        title={t("console_alerts.rotate")}
        verb={t("console_alerts.rotate")}
        onConfirm={(values) => shown(acts.rotate(values.reason ?? ""))}
        done={t("console_alerts.rotated")}
      >
        {t("console_alerts.rotate_text")}
      </ActDialog>
      <ActDialog
        opened={acting === "remove"}
        onClose={onClose}
        title={t("console_alerts.remove")}
        verb={t("console_alerts.remove")}
        danger
        onConfirm={(values) => acts.remove(values.reason ?? "")}
        done={t("console_alerts.removed")}
      >
        {t("console_alerts.remove_text")}
      </ActDialog>
      <ActDialog
        opened={acting === "test"}
        onClose={onClose}
        title={t("console_alerts.test")}
        verb={t("console_alerts.test")}
        onConfirm={(values) => acts.test(values.reason ?? "")}
        done={t("console_alerts.tested")}
      >
        {t("console_alerts.test_text")}
      </ActDialog>
    </>
  );
}
