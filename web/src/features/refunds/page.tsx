import { Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { type Refund, refundQuery } from "@/api/payments";
import { type Key, Rich, useT } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Facts } from "@/ui/Facts";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { OrderState } from "@/ui/OrderState";
import { PageHeader } from "@/ui/PageHeader";
import { Price } from "@/ui/Price";
import { ReportProblem } from "@/ui/ReportProblem";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { Timeline } from "@/ui/Timeline";
import { toast } from "@/ui/toast";
import { useMay, useWorkspace } from "@/ui/workspace";
import { stepWord } from "./model";
import { useRefundActs } from "./queries";
import styles from "./refunds.module.css";

/** One refund: where it stands, what was asked for, what came of it. */
export default function RefundPage() {
  const t = useT();
  const { refund: id = "" } = useParams({ strict: false });
  const workspace = useWorkspace();
  const refund = useQuery(refundQuery(workspace.id, id));
  const order = refund.data?.recharge;
  return (
    <>
      <p className={styles.back}>
        {order === undefined ? (
          <AnchorLink to="/w/$ws/recharge" params={{ ws: workspace.id }}>
            <IconArrowLeft size={16} stroke={1.5} aria-hidden /> {t("nav.recharge")}
          </AnchorLink>
        ) : (
          <AnchorLink to="/w/$ws/orders/$order" params={{ ws: workspace.id, order: order.id }}>
            <IconArrowLeft size={16} stroke={1.5} aria-hidden /> {t("order.title_of", { reference: order.reference })}
          </AnchorLink>
        )}
      </p>
      <PageHeader
        title={order === undefined ? t("refund.title") : t("refund.title_of", { reference: order.reference })}
        lead={refund.data && <OrderState of="refund" state={refund.data.state} />}
        actions={
          refund.data && (
            <>
              <ReportProblem kind="refund" id={refund.data.id} />
              {refund.data.may.cancel && <Cancel refund={refund.data} />}
            </>
          )
        }
      />
      <Result query={refund} skeleton={<BlockSkeleton height={420} />}>
        {(data) => <Body refund={data} />}
      </Result>
    </>
  );
}

function Cancel({ refund }: { refund: Refund }) {
  const t = useT();
  const { cancel } = useRefundActs(useWorkspace().id);
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          setAsking(true);
        }}
      >
        {t("refund.cancel")}
      </Button>
      <ConfirmDialog
        opened={asking}
        onClose={() => {
          setAsking(false);
        }}
        title={t("refund.cancel_title")}
        verb={t("refund.cancel")}
        danger
        onConfirm={async () => {
          await cancel.mutateAsync(refund.id);
          toast(t("refund.cancelled"));
        }}
      >
        <p>{t("refund.cancel_text")}</p>
      </ConfirmDialog>
    </>
  );
}

function Body({ refund }: { refund: Refund }) {
  const t = useT();
  const say = t as (key: Key) => string;
  const { id } = useWorkspace();
  const seesLedger = useMay("ledger");
  useMoved(refund, id);
  const order = (one: { id: string; reference: string }) => (
    <AnchorLink to="/w/$ws/orders/$order" params={{ ws: id, order: one.id }}>
      {one.reference}
    </AnchorLink>
  );
  return (
    <div className={styles.columns}>
      <div className={styles.stack}>
        <section className={styles.standing} data-state={refund.state} aria-labelledby="standing">
          <div role="status">
            <h2 id="standing">{say(`refund.head_${refund.state}`)}</h2>
          </div>
          <p>{say(`refund.text_${refund.state}`)}</p>
          {refund.answer !== "" && (
            <blockquote className={styles.quote}>
              <small>{t("refund.answer")}</small>
              <p>{refund.answer}</p>
            </blockquote>
          )}
          {refund.failure !== "" && <p className={styles.quote}>{refund.failure}</p>}
          {seesLedger && refund.ledger_line !== null && (
            <p>
              <AnchorLink to="/w/$ws/ledger/$line" params={{ ws: id, line: refund.ledger_line }}>
                {t("order.ledger_line")}
              </AnchorLink>
            </p>
          )}
        </section>
        <Section title={t("refund.asked")}>
          <Facts
            facts={[
              [t("refund.kind"), t(refund.kind === "duplicate" ? "refund.kind_duplicate" : "refund.kind_unused")],
              [t("refund.order"), order(refund.recharge)],
              ...(refund.other_recharge === null ? [] : [[t("refund.other"), order(refund.other_recharge)] as const]),
              ...(refund.kind === "duplicate"
                ? [[t("refund.preference"), t(refund.preference === "convert" ? "refund.preference_convert" : "refund.preference_refund")] as const]
                : []),
              [t("refund.asked_credits"), <Money key="credits" value={refund.credits} unit />],
              [t("refund.approved_credits"), <Money key="approved" value={refund.approved_credits} unit />],
              [t("refund.money"), <Price key="money" value={refund.amount} />],
            ]}
          />
          <p className={styles.reason}>
            <Rich k="refund.your_reason" values={{ reason: <span>{refund.reason}</span> }} />
          </p>
        </Section>
      </div>
      <Section title={t("order.timeline")}>
        <Timeline steps={refund.timeline} label={t("order.timeline")} word={stepWord} />
      </Section>
    </div>
  );
}

function useMoved(refund: Refund, workspace: string): void {
  const { moved } = useRefundActs(workspace);
  const before = useRef(refund.state);
  useEffect(() => {
    if (before.current === refund.state) return;
    before.current = refund.state;
    void moved();
  }, [refund.state, moved]);
}
