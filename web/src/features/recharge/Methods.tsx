import { Radio } from "@mantine/core";
import { IconBuildingBank, IconCreditCard } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { type Key, useT } from "@/locales";
import { TestMode } from "@/ui/OrderState";
import { Section } from "@/ui/Section";
import { CHECKOUT, type Options } from "./model";
import styles from "./recharge.module.css";

interface MethodsProps {
  options: Options;
  value: string;
  onChange: (value: string) => void;
}

/** How to pay: each says how long it takes and whether a person looks at it. */
export function Methods({ options, value, onChange }: MethodsProps) {
  const t = useT();
  const say = t as (key: Key) => string;
  const checkout = options.checkout;
  return (
    <Section title={t("recharge.method")} text={t(checkout === null ? "recharge.method_manual" : "recharge.method_text")}>
      <Radio.Group aria-label={t("recharge.method")} value={value} onChange={onChange}>
        <div className={styles.methods}>
          {checkout !== null && (
            <Method
              value={CHECKOUT}
              picture={<IconCreditCard size={22} stroke={1.5} aria-hidden />}
              name={say(`recharge.processor_${checkout.processor}`)}
              mark={checkout.test_mode && <TestMode />}
              text={t(checkout.processor === "sandbox" ? "recharge.checkout_sandbox" : "recharge.checkout_text")}
              more={Number(checkout.fee_percent) === 0 ? t("recharge.no_fee") : t("recharge.fee_percent", { percent: checkout.fee_percent })}
            />
          )}
          {options.methods.map((method) => (
            <Method
              key={method.id}
              value={method.id}
              picture={<IconBuildingBank size={22} stroke={1.5} aria-hidden />}
              name={method.name}
              text={t("recharge.manual_text", { count: method.usual_hours })}
              more={t("recharge.no_fee")}
            />
          ))}
        </div>
      </Radio.Group>
    </Section>
  );
}

interface MethodProps {
  value: string;
  picture: ReactNode;
  name: string;
  mark?: ReactNode;
  text: string;
  more: string;
}

function Method({ value, picture, name, mark, text, more }: MethodProps) {
  return (
    <Radio.Card value={value} className={styles.method}>
      <Radio.Indicator />
      <span className={styles.methodwords}>
        <span className={styles.packname}>
          {name} {mark}
        </span>
        <span className={styles.methodtext}>{text}</span>
        <span className={styles.methodtext}>{more}</span>
      </span>
      <span className={styles.picture}>{picture}</span>
    </Radio.Card>
  );
}
