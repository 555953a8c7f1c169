import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { Facts } from "@/ui/Facts";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { ActDialog } from "../ActDialog";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink, useId } from "../links";
import { useStaffMay } from "../session";
import { EventState } from "./EventTable";
import payload from "./payload.module.css";
import { type EventDetail, eventQuery, useEventActs } from "./queries";

/** One event: what it said, and what came of it. */
export default function EventPage() {
  const t = useT();
  const id = useId();
  const event = useQuery(eventQuery(id));
  return (
    <>
      {event.data === undefined && <ConsoleHeader title={t("console_payments.event")} back={BACK(t)} />}
      <Result query={event} skeleton={<BlockSkeleton height={420} />}>
        {(data) => <Event event={data} />}
      </Result>
    </>
  );
}

const BACK = (t: ReturnType<typeof useT>) => ({ to: "/payments", search: { tab: "events" }, label: t("console_payments.events") });

function Event({ event }: { event: EventDetail }) {
  const t = useT();
  const acts = useEventActs(event.id);
  const money = useStaffMay("money");
  const [acting, setActing] = useState<"resend" | "ignore" | null>(null);
  const close = () => {
    setActing(null);
  };
  const text = JSON.stringify(event.payload, null, 2);
  const [resend, ignore] = [money, money && event.state === "failed"];
  return (
    <>
      <ConsoleHeader
        title={event.kind}
        back={BACK(t)}
        mark={<EventState state={event.state} />}
        actions={
          <>
            {resend && (
              <Button
                variant={event.state === "failed" ? "filled" : "default"}
                onClick={() => {
                  setActing("resend");
                }}
              >
                {t("console_payments.resend")}
              </Button>
            )}
            {ignore && (
              <Button
                variant="default"
                onClick={() => {
                  setActing("ignore");
                }}
              >
                {t("console_payments.ignore")}
              </Button>
            )}
          </>
        }
      />
      <div className={styles.stack}>
        <Section title={t("console_payments.event")}>
          <Facts
            facts={[
              [t("console_payments.external"), <code key="external">{event.external_id}</code>],
              [t("console_payments.processor"), event.processor],
              [t("console_payments.mode"), event.livemode ? t("console_payments.live") : t("console_payments.test")],
              [t("console_payments.attempts"), event.attempts],
              [t("console_payments.received"), <TimeAgo key="received" moment={event.received_at} />],
              [t("console_payments.handled_at"), <TimeAgo key="handled" moment={event.handled_at} />],
              [t("console_payments.order"), event.recharge_id === null ? "—" : <ConsoleLink key="order" to={`/recharges/${event.recharge_id}`}>{event.recharge_id}</ConsoleLink>],
              [t("console_payments.payment"), event.payment_id === null ? "—" : <code key="payment">{event.payment_id}</code>],
              ...(event.error === "" ? [] : [[t("console_payments.error"), event.error] as const]),
              ...(event.note === "" ? [] : [[t("console_payments.note"), event.note] as const]),
            ]}
          />
        </Section>
        <Section title={t("console_payments.payload")} actions={<CopyButton text={text} label={t("console_payments.copy_payload")} />}>
          <pre className={payload.code} tabIndex={0} aria-label={t("console_payments.payload")}>
            {text}
          </pre>
        </Section>
      </div>
      <ActDialog
        opened={acting === "resend"}
        onClose={close}
        title={t("console_payments.resend_title")}
        verb={t("console_payments.resend")}
        onConfirm={({ reason = "" }) => acts.resend(reason)}
        done={t("console_payments.resend_done")}
      >
        {t("console_payments.resend_text")}
      </ActDialog>
      <ActDialog
        opened={acting === "ignore"}
        onClose={close}
        title={t("console_payments.ignore_title")}
        verb={t("console_payments.ignore")}
        danger
        onConfirm={({ reason = "" }) => acts.ignore(reason)}
        done={t("console_payments.ignore_done")}
      >
        {t("console_payments.ignore_text")}
      </ActDialog>
    </>
  );
}
