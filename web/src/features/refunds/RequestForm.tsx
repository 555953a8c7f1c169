import { Anchor, Button, Radio, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { IconScale } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { type Order, ordersQuery } from "@/api/payments";
import { fieldErrors } from "@/lib/fields";
import { parse, plain, typed } from "@/lib/money";
import { newToken } from "@/lib/payments";
import { priceText } from "@/lib/price";
import { day } from "@/lib/time";
import { type Key, Rich, useWords } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { Price } from "@/ui/Price";
import { Section } from "@/ui/Section";
import { useStored } from "@/ui/useStored";
import { useWorkspace } from "@/ui/workspace";
import { useZone } from "@/ui/zone";
import { type Kind, onlyTwice, others, type Preference, type Refundable, type Request, type Trouble, troubles } from "./model";
import { refundableQuery, useRefundActs } from "./queries";
import styles from "./refunds.module.css";

const TROUBLES: Record<Trouble, Key> = { other: "refund.wrong_other", amount: "limit.wrong", most: "refund.wrong_most", reason: "refund.wrong_reason" };

export function RequestForm({ order }: { order: Order }) {
  const { t, tag } = useWords();
  const say = t as (key: Key) => string;
  const zone = useZone();
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const { request } = useRefundActs(workspace.id);
  const orders = useQuery(ordersQuery(workspace.id)).data?.items ?? [];
  const twice = onlyTwice(order);
  const [values, setValues, forget] = useStored<Request & { token: string }>(`omna.refund.${order.id}`, {
    kind: twice ? "duplicate" : "unused",
    other: order.duplicate_of?.id ?? "",
    preference: "refund",
    credits: "",
    reason: "",
    token: newToken(),
  });
  const [sent, setSent] = useState(false);
  const refundable = useQuery(refundableQuery(workspace.id, order.id, values.kind));
  const facts = refundable.data;
  const most = facts?.most.credits ?? "0";
  const found = troubles(values, most, order.flag_note === "paid_twice");
  const named = fieldErrors(request.error);
  const wrong = (trouble: Trouble) => (sent && found.includes(trouble) ? say(TROUBLES[trouble]) : undefined);
  const duplicate = values.kind === "duplicate";
  const blocked = facts?.blocked ?? null;
  // What may come back is known, and something may.
  const ready = facts !== undefined && blocked === null;
  const set = (changes: Partial<Request>) => {
    setValues((before) => ({ ...before, ...changes }));
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (found.length > 0 || !ready || request.isPending) return;
    const credits = duplicate ? null : typed(values.credits);
    request.mutate(
      {
        client_token: values.token,
        recharge_id: order.id,
        kind: values.kind,
        other_recharge: duplicate && values.other !== "" ? values.other : null,
        preference: duplicate ? values.preference : "refund",
        credits: credits === null ? null : plain(parse(credits)),
        reason: values.reason.trim(),
      },
      {
        onSuccess: (made) => {
          forget();
          void navigate({ to: "/w/$ws/refunds/$refund", params: { ws: workspace.id, refund: made.id } });
        },
      },
    );
  };
  return (
    <form className={styles.columns} onSubmit={send} noValidate>
      <Section title={t("refund.what")}>
        <Stack gap="md">
          {!twice && (
            <Radio.Group
              label={t("refund.kind")}
              value={values.kind}
              onChange={(kind) => {
                set({ kind: kind as Kind });
              }}
            >
              <Stack gap="xs" mt="xs">
                <Radio value="unused" label={t("refund.kind_unused")} description={t("refund.kind_unused_text")} />
                <Radio value="duplicate" label={t("refund.kind_duplicate")} description={t("refund.kind_duplicate_text")} />
              </Stack>
            </Radio.Group>
          )}
          {duplicate ? (
            <>
              <Select
                allowDeselect={false}
                label={t("refund.other")}
                description={t("refund.other_text", { reference: order.reference })}
                placeholder={t("refund.other_choose")}
                value={values.other === "" ? null : values.other}
                onChange={(other) => {
                  set({ other: other ?? "" });
                }}
                data={others(order, orders).map((row) => ({
                  value: row.id,
                  label: `${row.reference} · ${priceText(row.total, tag)} · ${day(row.created_at, tag, zone)}`,
                }))}
                nothingFoundMessage={t("refund.other_none")}
                error={wrong("other") ?? named.other_recharge}
              />
              <Radio.Group
                label={t("refund.preference")}
                value={values.preference}
                onChange={(preference) => {
                  set({ preference: preference as Preference });
                }}
              >
                <Stack gap="xs" mt="xs">
                  <Radio value="refund" label={t("refund.preference_refund")} description={t("refund.preference_refund_text")} />
                  <Radio value="convert" label={t("refund.preference_convert")} description={t("refund.preference_convert_text")} />
                </Stack>
              </Radio.Group>
            </>
          ) : (
            <TextInput
              className={styles.amount}
              label={t("refund.credits")}
              description={<Rich k="refund.credits_text" values={{ most: <Money value={facts?.most.credits} unit /> }} />}
              placeholder={most}
              value={values.credits}
              onChange={(event) => {
                set({ credits: event.currentTarget.value });
              }}
              error={wrong("amount") ?? wrong("most") ?? named.credits}
              inputMode="decimal"
              autoComplete="off"
            />
          )}
          <Textarea
            label={t("refund.reason")}
            description={t("refund.reason_text")}
            value={values.reason}
            onChange={(event) => {
              set({ reason: event.currentTarget.value });
            }}
            error={wrong("reason") ?? named.reason}
            autosize
            minRows={3}
            maxLength={1000}
          />
          {blocked !== null && <p className={styles.blocked}>{blocked}</p>}
          <ErrorNotice error={request.error ?? refundable.error} />
          <div>
            <Button type="submit" loading={request.isPending} disabled={!ready}>
              {t("refund.send")}
            </Button>
          </div>
          <p className={styles.person}>
            <IconScale size={18} stroke={1.5} aria-hidden />
            <span>
              <Rich
                k="refund.person"
                values={{
                  policy: (
                    <Anchor inherit href="/refund-policy" target="_blank" rel="noreferrer">
                      {t("recharge.refund_policy")}
                    </Anchor>
                  ),
                }}
              />
            </span>
          </p>
          <p className={styles.person}>
            <span>{t("refund.quicker")}</span>
          </p>
        </Stack>
      </Section>
      <div className={styles.stack}>
        {!duplicate && facts !== undefined && <Arithmetic facts={facts} order={order} />}
        <Section title={t("refund.filled")} text={t("refund.filled_text")}>
          <Facts
            facts={[
              [t("refund.email"), facts?.email ?? "—"],
              [t("recharge.by"), order.method?.name ?? say(`recharge.channel_${order.channel}`)],
              [t("order.reference"), order.reference],
              [t("recharge.total"), <Price key="total" value={order.total} />],
            ]}
          />
        </Section>
      </div>
    </form>
  );
}

/** What was paid, what of it is used, and so what can come back. */
function Arithmetic({ facts, order }: { facts: Refundable; order: Order }) {
  const { t } = useWords();
  const promo = parse(facts.promo_withdrawn);
  const refunded = parse(facts.refunded);
  return (
    <Section title={t("refund.arithmetic")}>
      <dl className={styles.sums}>
        <div>
          <dt>{t("refund.paid")}</dt>
          <dd>
            <Price value={order.total} />
          </dd>
        </div>
        <div>
          <dt>{t("refund.credited")}</dt>
          <dd>
            <Money value={facts.credited} />
          </dd>
        </div>
        <div>
          <dt>{t("refund.used")}</dt>
          <dd>
            {parse(facts.used) === 0n ? <Money value={facts.used} /> : <Rich k="name.minus" values={{ amount: <Money value={facts.used} /> }} />}
          </dd>
        </div>
        {refunded > 0n && (
          <div>
            <dt>{t("refund.refunded")}</dt>
            <dd>
              <Rich k="name.minus" values={{ amount: <Money value={facts.refunded} /> }} />
            </dd>
          </div>
        )}
        <div>
          <dt>{t("refund.unused")}</dt>
          <dd>
            <Money value={facts.unused} />
          </dd>
        </div>
        {facts.fee_not_returned.minor > 0 && (
          <div>
            <dt>{t("refund.fee")}</dt>
            <dd>
              <Price value={facts.fee_not_returned} />
            </dd>
          </div>
        )}
        <div data-strong="true">
          <dt>{t("refund.most")}</dt>
          <dd>
            <Money value={facts.most.credits} unit />
            <small>
              <Price value={facts.most.money} />
            </small>
          </dd>
        </div>
      </dl>
      {promo > 0n && (
        <p className={styles.quiet}>
          <Rich k="refund.promo" values={{ amount: <Money value={facts.promo_withdrawn} unit /> }} />
        </p>
      )}
    </Section>
  );
}
