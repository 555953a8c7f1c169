import type { ReactNode } from "react";

import type { Order } from "@/api/payments";
import { instructionLines } from "@/lib/payments";
import { plainPrice } from "@/lib/price";
import { useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { Price } from "@/ui/Price";
import { Section } from "@/ui/Section";
import styles from "./orders.module.css";

/** Where to pay what, and what to write with it; each line can be copied. */
export function Account({ order }: { order: Order }) {
  const t = useT();
  const lines = instructionLines(order.method?.instructions ?? []);
  const notes = lines.filter((line) => line.label === "");
  return (
    <Section title={t("order.account", { method: order.method?.name ?? "" })} text={t("order.account_text")}>
      <dl className={styles.account}>
        <Line name={t("order.exact_amount")} copy={plainPrice(order.total)} strong>
          <Price value={order.total} />
        </Line>
        <Line name={t("order.reference")} copy={order.reference} strong>
          <code>{order.reference}</code>
        </Line>
        {lines
          .filter((line) => line.label !== "")
          .map((line) => (
            <Line key={line.label} name={line.label} copy={line.value}>
              {line.value}
            </Line>
          ))}
      </dl>
      {notes.map((line, index) => (
        <p key={index} className={styles.quiet}>
          {line.value}
        </p>
      ))}
    </Section>
  );
}

function Line({ name, copy, strong = false, children }: { name: string; copy: string; strong?: boolean; children: ReactNode }) {
  const t = useT();
  return (
    <div data-strong={strong}>
      <dt>{name}</dt>
      <dd>
        <span>{children}</span>
        <CopyButton text={copy} label={t("order.copy", { what: name })} />
      </dd>
    </div>
  );
}
