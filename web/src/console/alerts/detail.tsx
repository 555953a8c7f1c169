import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { useT } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog } from "../ActDialog";
import styles from "../console.module.css";
import { ConsoleHeader, DetailColumns } from "../ConsoleHeader";
import { useId } from "../links";
import { useStaffMay } from "../session";
import { factsOf } from "./model";
import { alertQuery, type Detail, useAlertActs } from "./queries";
import { Severity } from "./Severity";
import { Told } from "./Told";

export default function OneAlert() {
  const alert = useQuery(alertQuery(useId()));
  return (
    <Result query={alert} skeleton={<BlockSkeleton height={360} />}>
      {(found) => <Shown alert={found} />}
    </Result>
  );
}

function Shown({ alert }: { alert: Detail }) {
  const t = useT();
  const acts = useAlertActs();
  const may = useStaffMay("freeze");
  const [acting, setActing] = useState<"acknowledge" | "end" | null>(null);
  const close = () => {
    setActing(null);
  };
  return (
    <>
      <ConsoleHeader
        title={alert.headline}
        back={{ to: "/alerts", label: t("console_alerts.title") }}
        mark={<Severity alert={alert} />}
        lead={<code>{alert.kind}</code>}
        actions={
          may &&
          alert.state !== "resolved" && (
            <Group gap="xs">
              <Button
                variant={alert.state === "open" ? "default" : "filled"}
                onClick={() => {
                  setActing("end");
                }}
              >
                {t("console_alerts.end")}
              </Button>
              {alert.state === "open" && (
                <Button
                  onClick={() => {
                    setActing("acknowledge");
                  }}
                >
                  {t("console_alerts.acknowledge")}
                </Button>
              )}
            </Group>
          )
        }
      />
      <div className={styles.stack}>
        <DetailColumns
          side={
            <Section title={t("console_alerts.notices")} text={alert.notices.length === 0 ? t("console_alerts.no_notices") : undefined}>
              {alert.notices.length > 0 && <Facts facts={noticesOf(alert, t)} />}
            </Section>
          }
        >
          <Section title={t("console_alerts.numbers")} text={alert.message === alert.headline ? undefined : alert.message}>
            <Facts facts={factsOf(alert.facts)} />
          </Section>
          <Section title={t("console_alerts.course")}>
            <Facts facts={courseOf(alert, t)} />
          </Section>
        </DetailColumns>
      </div>
      <ActDialog
        opened={acting === "acknowledge"}
        onClose={close}
        title={t("console_alerts.acknowledge_title")}
        verb={t("console_alerts.acknowledge")}
        onConfirm={(values) => acts.acknowledge(alert.id, values.reason ?? "")}
        done={t("console_alerts.acknowledged")}
      >
        {t("console_alerts.acknowledge_text")}
      </ActDialog>
      <ActDialog
        opened={acting === "end"}
        onClose={close}
        title={t("console_alerts.end_title")}
        verb={t("console_alerts.end")}
        onConfirm={(values) => acts.end(alert.id, values.reason ?? "")}
        done={t("console_alerts.ended")}
      >
        {t("console_alerts.end_text")}
      </ActDialog>
    </>
  );
}

type Say = ReturnType<typeof useT>;
type Named = [name: string, value: ReactNode];

function noticesOf(alert: Detail, t: Say): Named[] {
  return alert.notices.map((notice, index) => [
    `${alert.notices.length - index}. ${t(`console_alerts.reason_${notice.reason}`)}`,
    <>
      <TimeAgo moment={notice.at} />
      <Told notice={notice} />
    </>,
  ]);
}

function courseOf(alert: Detail, t: Say): Named[] {
  const known: (Named | false)[] = [
    [t("console_alerts.subject"), <code key="subject">{alert.subject}</code>],
    [t("console_alerts.count"), String(alert.count)],
    [t("console_alerts.since"), <TimeAgo key="since" moment={alert.opened_at} />],
    [t("console_alerts.last"), <TimeAgo key="last" moment={alert.last_at} />],
    alert.acknowledged_at !== null && [
      t("console_alerts.acknowledged_at"),
      <>
        <TimeAgo moment={alert.acknowledged_at} /> · <code>{alert.acknowledged_by}</code>
      </>,
    ],
    alert.resolved_at !== null && [t("console_alerts.over_since"), <TimeAgo key="over" moment={alert.resolved_at} />],
    alert.next_notice_at !== null && [t("console_alerts.next_notice"), <TimeAgo key="next" moment={alert.next_notice_at} />],
  ];
  return known.filter((one) => one !== false);
}
