import { Button, Group } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { type Key, useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { OrderState } from "@/ui/OrderState";
import { Price } from "@/ui/Price";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "../console.module.css";
import { ConsoleHeader, DetailColumns } from "../ConsoleHeader";
import { History } from "../History";
import { ConsoleLink, useId } from "../links";
import { useStaffMay } from "../session";
import { type ActName, Acts } from "./Acts";
import { Flag } from "./Flag";
import { type Possible, possible } from "./model";
import { type Detail, refundQuery, useActs } from "./queries";

const BUTTONS: readonly [act: ActName, can: keyof Possible, look: "filled" | "default"][] = [
  ["reject", "reject", "default"],
  ["convert", "convert", "default"],
  ["approve", "approve", "filled"],
  ["give_back", "giveBack", "default"],
  ["retry", "retry", "filled"],
  ["paid", "paid", "filled"],
];

export default function OneRefund() {
  const id = useId();
  const refund = useQuery(refundQuery(id));
  return (
    <Result query={refund} skeleton={<BlockSkeleton height={480} />}>
      {(found) => <Shown refund={found} />}
    </Result>
  );
}

function Shown({ refund }: { refund: Detail }) {
  const t = useT();
  const acts = useActs(refund.id);
  const can = possible(refund, useStaffMay("money"));
  const [acting, setActing] = useState<ActName | null>(null);
  const [error, setError] = useState<unknown>(null);
  const run = async (act: () => Promise<unknown>) => {
    setError(null);
    try {
      await act();
    } catch (failure) {
      setError(failure);
      void acts.refresh();
    }
  };
  return (
    <>
      <ConsoleHeader
        title={t("console_refunds.one_title", { reference: refund.recharge.reference })}
        back={{ to: "/refunds", label: t("console_refunds.title") }}
        mark={
          <>
            <OrderState of="refund" state={refund.state} />
            <Flag flag={refund.flag} />
          </>
        }
        lead={`${refund.workspace.name} · ${refund.email ?? "—"}`}
        actions={
          <Group gap="xs">
            {can.claim && (
              <Button variant="default" onClick={() => void run(acts.claim)}>
                {t("console_refunds.claim")}
              </Button>
            )}
            {can.release && (
              <Button variant="default" onClick={() => void run(acts.release)}>
                {t("console_refunds.release")}
              </Button>
            )}
            <Decisions
              can={can}
              wish={refund.preference}
              onAct={(act) => {
                setActing(act);
              }}
            />
          </Group>
        }
      />
      <div className={styles.stack}>
        <ErrorNotice error={error} />
        <Notices refund={refund} />
        <DetailColumns
          side={
            <Section title={t("console_refunds.timeline")}>
              <History steps={refund.timeline} label={t("console_refunds.timeline")} word={stepWord} />
            </Section>
          }
        >
          <Section title={t("console_refunds.wish")}>
            <Facts facts={wishOf(refund, t)} />
          </Section>
          <Section title={t("console_refunds.money")} text={refund.facts.obstacle}>
            <Facts facts={moneyOf(refund, t)} />
          </Section>
          <Section title={t("console_refunds.behaviour")}>
            <Facts facts={behaviourOf(refund, t)} />
          </Section>
        </DetailColumns>
      </div>
      <Acts
        refund={refund}
        acting={acting}
        onClose={() => {
          setActing(null);
        }}
      />
    </>
  );
}

function Decisions({ can, wish, onAct }: { can: Possible; wish: string; onAct: (act: ActName) => void }) {
  const say = useT() as (key: Key) => string;
  const words: Partial<Record<ActName, Key>> = { approve: "console.approve", reject: "console.reject" };
  // What the customer wishes is the filled one.
  const filled = (act: ActName, look: string) => (can.convert ? act === (wish === "convert" ? "convert" : "approve") : look === "filled");
  return (
    <>
      {BUTTONS.filter(([, name]) => can[name]).map(([act, , look]) => (
        <Button
          key={act}
          variant={filled(act, look) ? "filled" : "default"}
          onClick={() => {
            onAct(act);
          }}
        >
          {say(words[act] ?? (`console_refunds.${act}` as Key))}
        </Button>
      ))}
    </>
  );
}

function Notices({ refund }: { refund: Detail }) {
  const t = useT();
  const said: string[] = [];
  if (refund.lock && !refund.lock.yours) said.push(t("console_refunds.locked", { name: refund.lock.name }));
  if (refund.first_approver) {
    said.push(refund.first_approver.yours ? t("console_refunds.approved_by_you") : t("console_refunds.approved_by", { name: refund.first_approver.name }));
  }
  if (refund.yours && ["requested", "in_review"].includes(refund.state)) said.push(t("console_refunds.yours"));
  return (
    <>
      {said.map((one) => (
        <p key={one} className={styles.notice} role="status">
          <IconUsers size={16} stroke={1.5} aria-hidden />
          {one}
        </p>
      ))}
    </>
  );
}

type Drawn = [name: string, value: ReactNode, drawn?: boolean];

function wishOf(refund: Detail, t: ReturnType<typeof useT>): [string, ReactNode][] {
  const say = t as (key: Key) => string;
  return drawn([
    [
      t("console_refunds.recharge"),
      <ConsoleLink key="order" to={`/recharges/${refund.recharge.id}`}>
        <code>{refund.recharge.reference}</code>
      </ConsoleLink>,
    ],
    [
      t("console_refunds.other"),
      refund.other_recharge && (
        <ConsoleLink key="other" to={`/recharges/${refund.other_recharge.id}`}>
          <code>{refund.other_recharge.reference}</code>
        </ConsoleLink>
      ),
      refund.other_recharge !== null,
    ],
    [t("console_refunds.kind"), say(`console_refunds.kind_${refund.kind}` as Key)],
    [t("console_refunds.preference"), say(`console_refunds.preference_${refund.preference}` as Key), refund.kind === "duplicate"],
    [t("console_refunds.credits"), <Money key="credits" value={refund.credits} />],
    [t("console_refunds.approved_credits"), <Money key="approved" value={refund.approved_credits} />, refund.approved_credits !== null],
    [t("console_refunds.amount"), <Price key="amount" value={refund.amount} />, refund.amount !== null],
    [t("console_refunds.payout"), refund.payout && say(`console_refunds.payout_${refund.payout}` as Key), refund.payout !== null],
    [t("console_refunds.payout_reference"), refund.payout_reference || refund.processor_refund, (refund.payout_reference || refund.processor_refund || "") !== ""],
    [t("console_refunds.attempts"), refund.attempts, refund.attempts > 0],
    [t("console_refunds.next_try"), <TimeAgo key="next" moment={refund.next_try_at} />, refund.state === "approved" && refund.next_try_at !== null],
    [t("console_refunds.reason"), refund.reason],
    [t("console_refunds.message"), refund.answer, refund.answer !== ""],
    [t("console_refunds.failure"), refund.failure, refund.failure !== ""],
    [t("console_refunds.decided_by"), refund.decided_by, refund.decided_by !== null],
  ]);
}

function moneyOf(refund: Detail, t: ReturnType<typeof useT>): [string, ReactNode][] {
  const facts = refund.facts;
  return drawn([
    [t("console_refunds.payment_status"), <OrderState key="status" of="order" state={facts.payment_status} />, facts.payment_status !== "disputed"],
    [t("console_refunds.payment_status"), t("console_refunds.disputed"), facts.payment_status === "disputed"],
    [t("console_refunds.received"), <Price key="paid" value={facts.paid} />],
    [t("console_refunds.credited"), <Money key="credited" value={facts.credited} />],
    [t("console_refunds.used"), <Money key="used" value={facts.used} />],
    [t("console_refunds.unused"), <Money key="unused" value={facts.unused} />],
    [
      t("console_refunds.most"),
      <>
        <Money value={facts.most_refundable.credits} unit /> · <Price value={facts.most_refundable.money} />
      </>,
    ],
    [t("console_refunds.promo"), <Money key="promo" value={facts.promo_withdrawn} />, facts.promo_withdrawn !== "0"],
    [t("console_refunds.holds"), <Money key="holds" value={facts.open_holds} />],
  ]);
}

function behaviourOf(refund: Detail, t: ReturnType<typeof useT>): [string, ReactNode][] {
  const facts = refund.facts;
  return drawn([
    [t("console_refunds.charged"), <Money key="charged" value={facts.charged} />],
    [t("console_refunds.provider_cost"), <Money key="cost" value={facts.provider_cost} />],
    [t("console_refunds.requests"), facts.requests_30d],
    [t("console_refunds.age"), t("console_refunds.days", { count: facts.account_age_days ?? 0 }), facts.account_age_days !== null],
    [t("console_refunds.disputes"), facts.disputes],
    [t("console_refunds.earlier"), facts.earlier_refunds],
    [t("console_refunds.frozen"), facts.frozen ?? t("console_refunds.not_frozen")],
    [t("console_refunds.threshold"), <Money key="threshold" value={facts.threshold} unit />],
  ]);
}

function drawn(rows: Drawn[]): [string, ReactNode][] {
  return rows.filter(([, , is]) => is !== false).map(([name, value]) => [name, value]);
}

const STEPS: readonly string[] = ["requested", "approved", "sent", "paid", "failed", "rejected", "converted", "cancelled", "retried"];

function stepWord(step: string): Key | undefined {
  return STEPS.includes(step) ? (`refund.step_${step}` as Key) : undefined;
}
