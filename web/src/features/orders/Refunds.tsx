import type { Order } from "@/api/payments";
import { useT } from "@/locales";
import { AnchorLink, ButtonLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { OrderState } from "@/ui/OrderState";
import { Section } from "@/ui/Section";
import { useWorkspace } from "@/ui/workspace";
import styles from "./orders.module.css";

/** Refunds of this order, and the way to ask for one. */
export function Refunds({ order }: { order: Order }) {
  const t = useT();
  const { id } = useWorkspace();
  // A payment that was made twice was not credited: it can come back all the same.
  const asks = order.may.refund || order.state === "duplicate";
  if (order.refunds.length === 0 && !asks) return null;
  return (
    <Section
      title={t("order.refunds")}
      text={t("order.refunds_text")}
      actions={
        asks && (
          <ButtonLink variant="default" to="/w/$ws/orders/$order/refund" params={{ ws: id, order: order.id }}>
            {t("order.request_refund")}
          </ButtonLink>
        )
      }
    >
      {order.refunds.length > 0 && (
        <ul className={styles.rows}>
          {order.refunds.map((refund) => (
            <li key={refund.id}>
              <AnchorLink to="/w/$ws/refunds/$refund" params={{ ws: id, refund: refund.id }}>
                {t("order.refund_of")} <Money value={refund.credits} inert unit />
              </AnchorLink>
              <OrderState of="refund" state={refund.state} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
