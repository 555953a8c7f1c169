import { Badge, Radio, TextInput } from "@mantine/core";

import { parse } from "@/lib/money";
import { type Key, Rich, useT } from "@/locales";
import { Money } from "@/ui/Money";
import { Price } from "@/ui/Price";
import { Section } from "@/ui/Section";
import { type Options, packOf, type Trouble } from "./model";
import styles from "./recharge.module.css";

interface AmountProps {
  options: Options;
  credits: string;
  /** An amount of one's own, not a pack. */
  own: boolean;
  wrong: Trouble | undefined;
  onPack: (credits: string) => void;
  onOwn: (credits?: string) => void;
  onLeave: () => void;
}

const TROUBLES: Record<Trouble, Key> = { amount: "recharge.wrong_amount", least: "recharge.wrong_least", most: "recharge.wrong_most" };
const OWN = "own";

/** Packs as choices, and an amount of one's own. */
export function Amount({ options, credits, own, wrong, onPack, onOwn, onLeave }: AmountProps) {
  const t = useT();
  const say = t as (key: Key, values: Record<string, string>) => string;
  return (
    <Section title={t("recharge.amount")} text={<Rich k="recharge.amount_text" values={{ rate: options.usd_per_credit }} />}>
      <Radio.Group
        aria-label={t("recharge.amount")}
        value={own ? OWN : (packOf(credits, options)?.credits ?? OWN)}
        onChange={(value) => {
          if (value === OWN) onOwn();
          else onPack(value);
        }}
      >
        <div className={styles.packs}>
          {options.packs.map((pack) => (
            <Radio.Card key={pack.credits} value={pack.credits} className={styles.pack}>
              <Radio.Indicator />
              <span className={styles.packwords}>
                <span className={styles.packname}>
                  <Money value={pack.credits} form="short" inert unit />
                </span>
                <span className={styles.packprice}>
                  <Price value={pack.price} />
                </span>
                {parse(pack.bonus) > 0n && (
                  <Badge color="ok" variant="light">
                    <Rich k="recharge.bonus_mark" values={{ amount: <Money value={pack.bonus} form="short" inert /> }} />
                  </Badge>
                )}
              </span>
            </Radio.Card>
          ))}
          <Radio.Card value={OWN} className={styles.pack}>
            <Radio.Indicator />
            <span className={styles.packwords}>
              <span className={styles.packname}>{t("recharge.own")}</span>
              <span className={styles.packprice}>
                {t("recharge.own_hint", { least: options.minimum, most: options.maximum })}
              </span>
            </span>
          </Radio.Card>
        </div>
      </Radio.Group>
      {own && (
        <TextInput
          className={styles.own}
          label={t("recharge.own_label")}
          value={credits}
          onChange={(event) => {
            onOwn(event.currentTarget.value);
          }}
          onBlur={onLeave}
          error={wrong === undefined ? undefined : say(TROUBLES[wrong], { least: options.minimum, most: options.maximum })}
          inputMode="decimal"
          autoComplete="off"
          rightSection={<span className={styles.unit}>{t("name.unit")}</span>}
          rightSectionWidth="auto"
          rightSectionPointerEvents="none"
        />
      )}
    </Section>
  );
}
