import { Anchor, Button, Checkbox } from "@mantine/core";
import type { ReactNode } from "react";

import { parse } from "@/lib/money";
import { Rich, useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { TestMode } from "@/ui/OrderState";
import { Price } from "@/ui/Price";
import { useWorkspace } from "@/ui/workspace";
import type { Options, Quote } from "./model";
import styles from "./recharge.module.css";

interface PriceBoxProps {
  options: Options;
  /** Undefined while the amount is not right. */
  quote: Quote | undefined;
  waiting: boolean;
  error: unknown;
  checkout: boolean;
  accepted: boolean;
  /** It was sent without the tick. */
  missed: boolean;
  onAccept: (accepted: boolean) => void;
  /** The payment service can keep the way to pay. */
  canKeep: boolean;
  keep: boolean;
  onKeep: (keep: boolean) => void;
  sending: boolean;
  /** The order that the same wish has already become. */
  before: { id: string; reference: string } | null;
  onForget: () => void;
}

/** Everything before paying: amount, fee, total, what arrives and the balance after it. Nothing is added later. */
export function PriceBox(props: PriceBoxProps) {
  const { options, quote, waiting, checkout, before } = props;
  const t = useT();
  const { id } = useWorkspace();
  const test = checkout && options.checkout?.test_mode === true;
  return (
    <section className={styles.price} aria-labelledby="price">
      <div className={styles.pricehead}>
        <h2 id="price">{t("recharge.price")}</h2>
        {test && <TestMode />}
      </div>
      <dl className={styles.sums} aria-busy={waiting} data-dimmed={waiting && quote !== undefined}>
        <Sum name={t("recharge.amount")} value={quote && <Price value={quote.price} />} />
        <Sum name={t("recharge.fee")} value={quote && (quote.fee.minor === 0 ? t("recharge.no_fee") : <Price value={quote.fee} />)} />
        <Sum name={t("recharge.total")} value={quote && <Price value={quote.total} />} strong />
        {quote && parse(quote.bonus) > 0n && <Sum name={t("recharge.bonus")} value={<Money value={quote.bonus} signed unit />} />}
        {quote && parse(quote.owed_deducted) > 0n && (
          <Sum name={t("recharge.owed")} value={<Rich k="name.minus" values={{ amount: <Money value={quote.owed_deducted} unit /> }} />} note={t("recharge.owed_note")} />
        )}
        <Sum name={t("recharge.received")} value={quote && <Money value={quote.credits_received} unit />} strong />
        <Sum name={t("recharge.new_balance")} value={quote && <Money value={quote.new_balance} form="short" unit />} />
      </dl>
      <div className={styles.act}>
        {before !== null && (
          <div className={styles.before} role="status">
            <p>
              <Rich
                k="recharge.before"
                values={{
                  order: (
                    <AnchorLink to="/w/$ws/orders/$order" params={{ ws: id, order: before.id }}>
                      {before.reference}
                    </AnchorLink>
                  ),
                }}
              />
            </p>
            <Button variant="subtle" size="compact-sm" onClick={props.onForget}>
              {t("recharge.another")}
            </Button>
          </div>
        )}
        <Checkbox
          checked={props.accepted}
          onChange={(event) => {
            props.onAccept(event.currentTarget.checked);
          }}
          error={props.missed ? t("recharge.accept_first") : undefined}
          label={
            <Rich
              k="recharge.accept"
              values={{
                terms: (
                  <Anchor inherit href="/terms" target="_blank" rel="noreferrer">
                    {t("recharge.terms")}
                  </Anchor>
                ),
                policy: (
                  <Anchor inherit href="/refund-policy" target="_blank" rel="noreferrer">
                    {t("recharge.refund_policy")}
                  </Anchor>
                ),
              }}
            />
          }
        />
        {props.canKeep && (
          <Checkbox
            checked={props.keep}
            onChange={(event) => {
              props.onKeep(event.currentTarget.checked);
            }}
            label={t("recharge.keep_method")}
          />
        )}
        <ErrorNotice error={props.error} />
        <Button type="submit" size="md" fullWidth loading={props.sending}>
          {t("recharge.buy")}
        </Button>
        <p className={styles.next}>{t(checkout ? (test ? "recharge.next_test" : "recharge.next_checkout") : "recharge.next_manual")}</p>
      </div>
      <ul className={styles.facts}>
        <li>{t("recharge.fact_credits")}</li>
        <li>{t(checkout ? "recharge.fact_checkout" : "recharge.fact_manual")}</li>
        <li>{t("recharge.fact_refunds")}</li>
        <li>{t("recharge.fact_change")}</li>
      </ul>
    </section>
  );
}

function Sum({ name, value, strong = false, note }: { name: string; value: ReactNode; strong?: boolean; note?: string }) {
  return (
    <div data-strong={strong}>
      <dt>
        {name}
        {note !== undefined && <small>{note}</small>}
      </dt>
      <dd>{value ?? "—"}</dd>
    </div>
  );
}
