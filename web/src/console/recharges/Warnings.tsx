import { IconCopy } from "@tabler/icons-react";

import { type Key, useT } from "@/locales";
import { OrderState } from "@/ui/OrderState";
import styles from "../console.module.css";
import { ConsoleLink } from "../links";
import type { Detail } from "./queries";

/** Signs that this was paid for before, each with a link to the other order. */
export function Warnings({ warnings }: { warnings: Detail["warnings"] }) {
  const t = useT();
  if (warnings.length === 0) return null;
  return (
    <section className={styles.warnings} aria-label={t("console_recharges.warnings")}>
      <p className={styles.notice}>
        <IconCopy size={16} stroke={1.5} aria-hidden />
        {t("console_recharges.warnings")}
      </p>
      <ul>
        {warnings.map(({ kind, recharge }) => (
          <li key={`${kind} ${recharge.id}`}>
            {(t as (key: Key) => string)(`console_recharges.warning_${kind}` as Key)}{" "}
            <ConsoleLink to={`/recharges/${recharge.id}`}>{recharge.reference}</ConsoleLink> <OrderState of="order" state={recharge.state} />
          </li>
        ))}
      </ul>
    </section>
  );
}
