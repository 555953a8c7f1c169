import { Button } from "@mantine/core";
import { IconArrowLeft, IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { type Order, orderQuery } from "@/api/payments";
import { useWords } from "@/locales";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { AnchorLink } from "@/ui/links";
import { OrderState, TestMode } from "@/ui/OrderState";
import { PageHeader } from "@/ui/PageHeader";
import { ReportProblem } from "@/ui/ReportProblem";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { Timeline } from "@/ui/Timeline";
import { toast } from "@/ui/toast";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import { Account } from "./Account";
import { Disputes } from "./Disputes";
import { showsAccount, stepWord } from "./model";
import styles from "./orders.module.css";
import { Proof } from "./Proof";
import { useOrderActs } from "./queries";
import { Refunds } from "./Refunds";
import { Standing } from "./Standing";
import { Sums } from "./Sums";
import { useMoved } from "./useMoved";

/** One order, as it is: read from the order, never from the address. */
export default function OrderPage() {
  const { t } = useWords();
  const { order: id = "" } = useParams({ strict: false });
  const workspace = useWorkspace();
  const order = useQuery(orderQuery(workspace.id, id));
  return (
    <>
      <p className={styles.back}>
        <AnchorLink to="/w/$ws/recharge" params={{ ws: workspace.id }}>
          <IconArrowLeft size={16} stroke={1.5} aria-hidden /> {t("nav.recharge")}
        </AnchorLink>
      </p>
      <PageHeader
        title={order.data === undefined ? t("order.title") : t("order.title_of", { reference: order.data.reference })}
        lead={
          order.data && (
            <span className={styles.lead}>
              <OrderState of="order" state={order.data.state} />
              {order.data.test_mode && <TestMode />}
            </span>
          )
        }
        actions={order.data && <Acts order={order.data} />}
      />
      <Result query={order} skeleton={<BlockSkeleton height={480} />}>
        {(data) => <Body order={data} />}
      </Result>
    </>
  );
}

function Acts({ order }: { order: Order }) {
  const { t, language } = useWords();
  const workspace = useWorkspace();
  const { cancel } = useOrderActs(workspace.id, order.id);
  const [asking, setAsking] = useState(false);
  return (
    <>
      <ReportProblem kind="order" id={order.id} />
      {order.credited_at !== null && (
        <Button
          component="a"
          variant="default"
          download
          href={`/api/workspaces/${workspace.id}/recharges/${order.id}/receipt.pdf?language=${language}`}
          leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}
        >
          {t("order.receipt")}
        </Button>
      )}
      {order.may.cancel && (
        <Button
          variant="default"
          onClick={() => {
            setAsking(true);
          }}
        >
          {t("order.cancel")}
        </Button>
      )}
      <ConfirmDialog
        opened={asking}
        onClose={() => {
          setAsking(false);
        }}
        title={t("order.cancel_title", { reference: order.reference })}
        verb={t("order.cancel")}
        danger
        onConfirm={async () => {
          await cancel.mutateAsync();
          toast(t("order.cancelled", { reference: order.reference }));
        }}
      >
        <p>{t(order.channel === "manual" ? "order.cancel_text" : "order.cancel_checkout")}</p>
      </ConfirmDialog>
    </>
  );
}

function Body({ order }: { order: Order }) {
  const { t } = useWords();
  const workspace = useWorkspace();
  const checking = useReturn(order);
  useMoved(order.state, workspace.id, order.id);
  return (
    <div className={styles.columns}>
      <div className={styles.stack}>
        <Standing order={order} checking={checking} />
        {showsAccount(order) && <Account order={order} />}
        {(order.may.submit || order.proof !== null) && <Proof key={order.id} order={order} />}
        {order.disputes.length > 0 && <Disputes order={order} />}
        <Refunds order={order} />
      </div>
      <div className={styles.stack}>
        <Sums order={order} />
        <Section title={t("order.timeline")}>
          <Timeline steps={order.timeline} label={t("order.timeline")} word={stepWord} />
        </Section>
      </div>
    </div>
  );
}

/** Somebody who comes back from a payment page: the server asks the payment service, once; the address says nothing. */
function useReturn(order: Order): boolean {
  const workspace = useWorkspace();
  const address = useAddress();
  const { check } = useOrderActs(workspace.id, order.id);
  const returned = address.value("returned") !== "";
  const asked = useRef(false);
  useEffect(() => {
    if (!returned || asked.current) return;
    asked.current = true;
    const done = () => {
      address.set({ returned: "" }, { replace: true });
    };
    if (order.may.check) check.mutate(undefined, { onSettled: done });
    else done();
  }, [returned, address, check, order.may.check]);
  return returned && (check.isPending || check.isIdle) && order.may.check;
}
