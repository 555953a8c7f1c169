import { useQuery } from "@tanstack/react-query";

import { type Dispute, disputesQuery, type Order } from "@/api/payments";
import { parse } from "@/lib/money";
import { day } from "@/lib/time";
import { type Key, Rich, useT, useWords } from "@/locales";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { OrderState } from "@/ui/OrderState";
import { Price } from "@/ui/Price";
import { Result } from "@/ui/Result";
import { Section } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { useWorkspace } from "@/ui/workspace";
import { useZone } from "@/ui/zone";
import styles from "./orders.module.css";
import { useMoved } from "./useMoved";

/** A payment that its bank takes back: what was taken, what is owed, what comes next. */
export function Disputes({ order }: { order: Order }) {
  const { id } = useWorkspace();
  const disputes = useQuery({ ...disputesQuery(id), refetchInterval: 10_000 });
  useMoved(disputes.data?.map((one) => `${one.state} ${one.clawed} ${one.debt}`).join(), id, order.id);
  return (
    <Result query={disputes} skeleton={<BlockSkeleton height={200} />}>
      {(all) => all.filter((one) => one.recharge.id === order.id).map((dispute) => <One key={dispute.id} dispute={dispute} />)}
    </Result>
  );
}

function One({ dispute }: { dispute: Dispute }) {
  const { t, tag, language } = useWords();
  const zone = useZone();
  const say = t as (key: Key) => string;
  const { frozen_at } = useWorkspace();
  return (
    <Section title={t("dispute.title")} mark={<OrderState of="dispute" state={dispute.state} />} text={language === "en" ? dispute.sentence : say(textOf(dispute))}>
      <Facts
        facts={[
          [t("dispute.amount"), <Price key="amount" value={dispute.amount} />],
          [t("dispute.clawed"), <Money key="clawed" value={dispute.clawed} unit />],
          [t("dispute.debt"), <Money key="debt" value={dispute.debt} unit />],
          [t("dispute.opened"), day(dispute.opened_at, tag, zone)],
          ...(dispute.closed_at === null ? [] : [[t("dispute.closed"), day(dispute.closed_at, tag, zone)] as const]),
        ]}
      />
      <ul className={styles.nextlist}>
        {parse(dispute.debt) > 0n && (
          <li>
            <Rich k="dispute.next_debt" values={{ amount: <Money value={dispute.debt} unit /> }} />
          </li>
        )}
        {frozen_at !== null && <li>{t(dispute.state === "won" ? "dispute.next_unfreeze" : "dispute.next_frozen")}</li>}
        <Then state={dispute.state} />
      </ul>
    </Section>
  );
}

/** The API's own sentence is the most precise; it is English. */
function textOf({ state, clawed }: Dispute): Key {
  const moved = parse(clawed) > 0n;
  return (state === "open" || state === "under_review") && !moved ? "dispute.text_nothing" : `dispute.text_${state}`;
}

function Then({ state }: { state: Dispute["state"] }) {
  const t = useT();
  if (state === "won" || state === "lost" || state === "closed") return null;
  return <li>{t("dispute.next_wait")}</li>;
}
