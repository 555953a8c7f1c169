import { useQuery } from "@tanstack/react-query";

import { ordersQuery } from "@/api/payments";
import { asksCustomer } from "@/lib/payments";
import { type Key, useT } from "@/locales";
import { AnchorLink } from "@/ui/links";
import { OrderState } from "@/ui/OrderState";
import { Price } from "@/ui/Price";
import { useMay, useWorkspace } from "@/ui/workspace";
import styles from "./overview.module.css";
import { waitingTicketsQuery } from "./queries";

/** Orders and requests for support that cannot go on without somebody here. */
export function Waiting() {
  const t = useT();
  const { id } = useWorkspace();
  const buys = useMay("billing");
  const orders = (useQuery({ ...ordersQuery(id), enabled: buys }).data?.items ?? []).filter((order) => asksCustomer(order.state));
  const tickets = useQuery(waitingTicketsQuery(id)).data?.items ?? [];
  if (orders.length + tickets.length === 0) return null;
  return (
    <section className={styles.panel} aria-labelledby="waiting">
      <div className={styles.head}>
        <h2 id="waiting">{t("overview.waiting")}</h2>
      </div>
      <ul className={styles.waiting}>
        {orders.map((order) => (
          <li key={order.id}>
            <span>
              <AnchorLink to="/w/$ws/orders/$order" params={{ ws: id, order: order.id }}>
                {order.reference}
              </AnchorLink>{" "}
              · <Price value={order.total} />
              <small>{(t as (key: Key) => string)(`overview.waiting_${order.state}` as Key)}</small>
            </span>
            <OrderState of="order" state={order.state} />
          </li>
        ))}
        {tickets.map((ticket) => (
          <li key={ticket.id}>
            <span>
              <AnchorLink to="/w/$ws/support/$ticket" params={{ ws: id, ticket: ticket.id }}>
                {ticket.subject}
              </AnchorLink>
              <small>{t("overview.waiting_ticket")}</small>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
