import { Badge, Button, Menu } from "@mantine/core";
import { IconAlertTriangle, IconDots, IconUsers } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { stepWord } from "@/features/orders/model";
import { type Key, useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { OrderState, TestMode } from "@/ui/OrderState";
import { Price } from "@/ui/Price";
import { Section } from "@/ui/Section";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { ConsoleHeader, DetailColumns } from "../ConsoleHeader";
import { History } from "../History";
import { EventTable } from "../payments/EventTable";
import { useStaffMay } from "../session";
import { Acts, type ActName } from "./Acts";
import { possible } from "./model";
import { ProofViewer } from "./ProofViewer";
import { type Detail, useActs } from "./queries";
import { flagWord } from "./words";
import { Warnings } from "./Warnings";

const KEYS: Readonly<Record<string, ActName>> = { a: "approve", r: "reject" };

/** One order with everything a reviewer looks at, and what can be done with it. */
export function Order({ order }: { order: Detail }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const acts = useActs(order.id);
  const can = possible(order, useStaffMay("money"));
  const [acting, setActing] = useState<ActName | null>(null);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);

  // A and R, as in a mail program; not while something is typed or open.
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if ((event.target as HTMLElement).closest("input, textarea, select, [role=dialog], [role=menu]")) return;
      const act = KEYS[event.key.toLowerCase()];
      if (act !== undefined && can[act]) {
        event.preventDefault();
        setActing(act);
      }
    };
    addEventListener("keydown", listen);
    return () => {
      removeEventListener("keydown", listen);
    };
  }, [can]);

  const run = async (act: () => Promise<unknown>) => {
    setSending(true);
    setError(null);
    try {
      await act();
    } catch (failure) {
      setError(failure);
    } finally {
      setSending(false);
    }
  };
  const open = (act: ActName) => () => {
    setActing(act);
  };
  const more = can.ask || can.duplicate || can.release;
  return (
    <>
      <ConsoleHeader
        title={t("console_recharges.one_title", { reference: order.reference })}
        back={{ to: "/recharges", label: t("console_recharges.title") }}
        mark={
          <>
            <OrderState of="order" state={order.state} />
            {order.test_mode && <TestMode />}
            {order.flag !== "" && (
              <Badge variant="light" color="warn">
                {flagWord(order.flag, say)}
              </Badge>
            )}
          </>
        }
        actions={
          <>
            {can.claim && (
              <Button loading={sending} onClick={() => void run(acts.claim)}>
                {t("console_recharges.claim")}
              </Button>
            )}
            {can.approve && (
              <Button onClick={open("approve")} aria-keyshortcuts="A">
                {t("console.approve")}
              </Button>
            )}
            {can.reject && (
              <Button variant="default" onClick={open("reject")} aria-keyshortcuts="R">
                {t("console.reject")}
              </Button>
            )}
            {can.reconcile && (
              <Button variant="default" onClick={open("reconcile")}>
                {t("console_payments.reconcile")}
              </Button>
            )}
            {more && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <Button variant="default" rightSection={<IconDots size={16} stroke={1.5} aria-hidden />}>
                    {t("console_recharges.more")}
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  {can.ask && <Menu.Item onClick={open("ask")}>{t("console_recharges.ask")}</Menu.Item>}
                  {can.duplicate && <Menu.Item onClick={open("duplicate")}>{t("console_recharges.duplicate")}</Menu.Item>}
                  {can.release && <Menu.Item onClick={() => void run(acts.claim)}>{t("console_recharges.keep")}</Menu.Item>}
                  {can.release && <Menu.Item onClick={() => void run(acts.release)}>{t("console_recharges.release")}</Menu.Item>}
                </Menu.Dropdown>
              </Menu>
            )}
          </>
        }
      />
      <div className={styles.stack}>
        <ErrorNotice error={error} />
        {order.lock && !order.lock.yours && (
          <p className={styles.notice} role="status">
            <IconUsers size={16} stroke={1.5} aria-hidden />
            {t("console_recharges.locked", { name: order.lock.name })}
          </p>
        )}
        {order.first_approver && (
          <p className={styles.notice} role="status">
            <IconUsers size={16} stroke={1.5} aria-hidden />
            {order.first_approver.yours ? t("console_recharges.approved_by_you") : t("console_recharges.approved_by", { name: order.first_approver.name })}
          </p>
        )}
        {order.yours && order.decidable && (
          <p className={styles.notice} role="status">
            <IconUsers size={16} stroke={1.5} aria-hidden />
            {t("console_recharges.yours")}
          </p>
        )}
        {order.received && (
          <p className={styles.notice} role="status">
            <IconAlertTriangle size={16} stroke={1.5} aria-hidden />
            <span>
              {t("console_recharges.misfit")} <Price value={order.received.amount} />
            </span>
          </p>
        )}
        <Warnings warnings={order.warnings} />
        <DetailColumns
          side={
            <Section title={t("console_recharges.timeline")}>
              <History steps={order.timeline} label={t("console_recharges.timeline")} word={stepWord} />
            </Section>
          }
        >
          <Section title={t("console_recharges.facts")}>
            <Facts facts={factsOf(order, t)} />
          </Section>
          {order.proof && <ProofViewer proof={order.proof} />}
          {order.payments.length > 0 && (
            <Section title={t("console_recharges.received")}>
              <Facts
                facts={order.payments.map((payment) => [
                  payment.payment_id,
                  <>
                    <Price value={payment.amount} /> · <Money value={payment.credits} unit /> · <TimeAgo moment={payment.received_at} />
                  </>,
                ])}
              />
            </Section>
          )}
          {order.events.length > 0 && (
            <Section title={t("console_payments.events")} bare>
              <EventTable events={order.events} />
            </Section>
          )}
        </DetailColumns>
      </div>
      <Acts
        order={order}
        acting={acting}
        onClose={() => {
          setActing(null);
        }}
      />
    </>
  );
}

function factsOf(order: Detail, t: ReturnType<typeof useT>): [string, React.ReactNode][] {
  const shown: [string, React.ReactNode, boolean?][] = [
    [t("console_recharges.amount"), <Price key="total" value={order.total} />],
    [t("console_recharges.price_fee"), <><Price value={order.price} /> + <Price value={order.fee} /></>],
    [t("console_recharges.credits"), <Money key="credits" value={order.credits} />],
    [t("console_recharges.bonus"), <Money key="bonus" value={order.bonus} />, order.bonus !== "0"],
    [t("console_recharges.method"), order.method?.name ?? order.processor ?? "—"],
    [t("console_recharges.payer_reference"), order.payer_reference || "—", order.channel === "manual"],
    [t("console_recharges.paid_on"), order.paid_on ?? "—", order.channel === "manual"],
    [t("console_recharges.customer_note"), order.note, order.note !== ""],
    [t("console_recharges.question"), order.question, order.question !== ""],
    [t("console_recharges.failure"), order.failure, order.failure !== ""],
    [t("console_recharges.workspace"), order.workspace.name],
    [t("console_recharges.email"), order.email || "—"],
    [t("console_recharges.balance"), <Money key="balance" value={order.balance} />],
    [t("console_recharges.owed"), <Money key="owed" value={order.owed} />, order.owed !== "0"],
    [t("console_recharges.decided_by"), order.decided_by, order.decided_by !== null],
    [t("console_recharges.billing"), [order.billing.name, order.billing.address, order.billing.tax_id].filter((one) => one !== "").join(", "), order.billing.name !== ""],
    [t("console_recharges.created"), <TimeAgo key="created" moment={order.created_at} />],
    [t("console_recharges.submitted"), <TimeAgo key="submitted" moment={order.submitted_at} />, order.submitted_at !== null],
    [t("console_recharges.credited"), <TimeAgo key="credited" moment={order.credited_at} />, order.credited_at !== null],
    [t("console_recharges.transfer"), <code key="transfer">{order.transfer_id}</code>, order.transfer_id !== null],
  ];
  return shown.filter(([, , drawn]) => drawn !== false).map(([name, value]) => [name, value]);
}
