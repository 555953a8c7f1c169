import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { orderQuery } from "@/api/payments";
import { useT } from "@/locales";
import { AnchorLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Result } from "@/ui/Result";
import { BlockSkeleton } from "@/ui/skeletons";
import { useWorkspace } from "@/ui/workspace";
import styles from "./refunds.module.css";
import { RequestForm } from "./RequestForm";

/** Ask for money back, or say that a payment was made twice. */
export default function RequestPage() {
  const t = useT();
  const { order: id = "" } = useParams({ strict: false });
  const workspace = useWorkspace();
  const order = useQuery(orderQuery(workspace.id, id));
  return (
    <>
      <p className={styles.back}>
        <AnchorLink to="/w/$ws/orders/$order" params={{ ws: workspace.id, order: id }}>
          <IconArrowLeft size={16} stroke={1.5} aria-hidden /> {order.data?.reference ?? t("order.title")}
        </AnchorLink>
      </p>
      <PageHeader title={t("refund.request_title")} lead={t("refund.request_lead")} />
      <Result query={order} skeleton={<BlockSkeleton height={480} />}>
        {(data) => <RequestForm key={data.id} order={data} />}
      </Result>
    </>
  );
}
