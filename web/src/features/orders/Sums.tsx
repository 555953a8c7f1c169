import type { ReactNode } from "react";

import type { Order } from "@/api/payments";
import { parse } from "@/lib/money";
import { type Key, Rich, useT } from "@/locales";
import { Money } from "@/ui/Money";
import { Price } from "@/ui/Price";
import { Section } from "@/ui/Section";
import styles from "./orders.module.css";

/** What it costs and what arrives, as it was shown before paying. */
export function Sums({ order }: { order: Order }) {
  const t = useT();
  const { billing } = order;
  return (
    <Section title={t("order.sums")}>
      <dl className={styles.sums}>
        <Sum name={t("recharge.amount")}>
          <Price value={order.price} />
        </Sum>
        <Sum name={t("recharge.fee")}>{order.fee.minor === 0 ? t("recharge.no_fee") : <Price value={order.fee} />}</Sum>
        <Sum name={t("recharge.total")} strong>
          <Price value={order.total} />
        </Sum>
        <Sum name={t("order.credits")}>
          <Money value={order.credits} />
        </Sum>
        {parse(order.bonus) > 0n && (
          <Sum name={t("recharge.bonus")}>
            <Money value={order.bonus} signed />
          </Sum>
        )}
        {parse(order.owed_repaid) > 0n && (
          <Sum name={t("recharge.owed")}>
            <Rich k="name.minus" values={{ amount: <Money value={order.owed_repaid} /> }} />
          </Sum>
        )}
        <Sum name={t("recharge.received")} strong>
          <Money value={order.credits_received} unit />
        </Sum>
      </dl>
      <dl className={styles.sums}>
        <Sum name={t("recharge.by")}>{order.method?.name ?? (t as (key: Key) => string)(`recharge.channel_${order.channel}`)}</Sum>
        {billing.name !== "" && (
          <Sum name={t("order.billing")}>
            {billing.name}
            {billing.tax_id !== "" && <small>{billing.tax_id}</small>}
          </Sum>
        )}
      </dl>
    </Section>
  );
}

function Sum({ name, strong = false, children }: { name: string; strong?: boolean; children: ReactNode }) {
  return (
    <div data-strong={strong}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
