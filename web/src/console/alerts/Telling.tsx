import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useT } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Result } from "@/ui/Result";
import { SecretOnce } from "@/ui/SecretOnce";
import { Section, Sections } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "./alerts.module.css";
import { Notices } from "./Notices";
import { type AlertSettings, settingsQuery } from "./queries";
import { TellingActs, type TellingAct } from "./TellingActs";

/** Whom alerts are told to, and what became of it. Owners alone. */
export function Telling() {
  const settings = useQuery(settingsQuery);
  return (
    <Result query={settings} skeleton={<BlockSkeleton height={360} />}>
      {(now) => <Shown now={now} />}
    </Result>
  );
}

function Shown({ now }: { now: AlertSettings }) {
  const t = useT();
  const [acting, setActing] = useState<TellingAct | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const button = (act: TellingAct, filled = false) => (
    <Button
      variant={filled ? "filled" : "default"}
      onClick={() => {
        setActing(act);
      }}
    >
      {t(`console_alerts.${act}`)}
    </Button>
  );
  return (
    <Sections>
      <Section title={t("console_alerts.mails")} text={t("console_alerts.mails_text")} actions={button("recipients")}>
        <Facts
          facts={[
            [t("console_alerts.mails_go_to"), now.mails_go_to.join(", ") || t("console_alerts.told_nobody")],
            [t("console_alerts.least_severity"), t(`console_alerts.severity_${now.least_severity}`)],
          ]}
        />
      </Section>
      <Section
        title={t("console_alerts.webhook")}
        text={t("console_alerts.webhook_text")}
        actions={
          now.webhook === null ? (
            button("set_webhook")
          ) : (
            <Group gap="xs">
              {button("remove")}
              {button("rotate")}
              {button("set_webhook")}
            </Group>
          )
        }
      >
        {now.webhook && (
          <Facts
            facts={[
              [
                t("console_alerts.url"),
                <code key="url" className={styles.url}>
                  {now.webhook.url}
                </code>,
              ],
              ...(now.webhook.allowed ? [[t("console_alerts.allowed"), t("console_alerts.allowed_yes")] as const] : []),
              ...(now.webhook.old_secret_until === null
                ? []
                : [[t("console_alerts.old_secret"), <TimeAgo key="old" moment={now.webhook.old_secret_until} />] as const]),
            ]}
          />
        )}
      </Section>
      <Section title={t("console_alerts.sent")} text={t("console_alerts.sent_text")} actions={button("test", true)} bare>
        <Notices />
      </Section>
      <TellingActs
        now={now}
        acting={acting}
        onSecret={setSecret}
        onClose={() => {
          setActing(null);
        }}
      />
      <SecretOnce
        title={t("console_alerts.secret_title")}
        secret={secret}
        copyLabel={t("console_alerts.secret_copy")}
        onClose={() => {
          setSecret(null);
        }}
      >
        {t("console_alerts.secret_text")}
      </SecretOnce>
    </Sections>
  );
}
