import { Button } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";

import { exact, inDollars, parse, plain } from "@/lib/money";
import { day } from "@/lib/time";
import { Rich, useT, useWords } from "@/locales";
import { DataTable, type Column } from "@/ui/DataTable";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { TimeAgo } from "@/ui/TimeAgo";
import { useMay, useWorkspace } from "@/ui/workspace";
import { Books } from "./Books";
import { Equation } from "./Equation";
import { StatusBadge } from "./kinds";
import styles from "./ledger.module.css";
import { added, type Head } from "./model";

/** Where the workspace stands, as a sum that can be followed, what it is made of, and whether the books are right. */
export function Standing({ head, zone }: { head: Head; zone: string }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const held = useId();
  return (
    <section className={styles.standing} aria-labelledby="standing">
      <h2 id="standing" className="visually-hidden">
        {t("ledger.standing")}
      </h2>
      <Equation
        terms={[
          { name: t("ledger.balance"), value: head.balance },
          {
            name: t("ledger.held"),
            sign: "−",
            value: head.held,
            note: (
              <Button
                variant="subtle"
                size="compact-sm"
                className={styles.why}
                aria-expanded={open}
                aria-controls={held}
                rightSection={<IconChevronDown size={14} stroke={1.5} aria-hidden className={styles.turn} data-open={open} />}
                onClick={() => {
                  setOpen(!open);
                }}
              >
                {t("ledger.why_held")}
              </Button>
            ),
          },
          ...(parse(head.owed) === 0n ? [] : [{ name: t("ledger.owed"), sign: "+" as const, value: head.owed, note: t("ledger.owed_note") }]),
        ]}
        result={{ name: t("ledger.available"), value: head.available, note: <Dollars value={head.available} rate={head.usd_per_credit} /> }}
      />
      <div id={held} hidden={!open}>
        {open && <Running head={head} />}
      </div>
      <dl className={styles.made}>
        <Part name={t("ledger.paid")} value={head.paid} note={t("ledger.paid_note")} />
        <Part name={t("ledger.promo")} value={head.promo} note={<Promos head={head} zone={zone} />} />
        <Part name={t("ledger.refund_pending")} value={head.refund_pending} note={t(parse(head.refund_pending) === 0n ? "ledger.nothing" : "ledger.refund_note")} />
        <Part name={t("ledger.owed")} value={head.owed} note={t(parse(head.owed) === 0n ? "ledger.nothing" : "ledger.owed_note")} />
      </dl>
      <Books verified={head.verified} zone={zone} />
    </section>
  );
}

function Part({ name, value, note }: { name: string; value: string; note: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Money value={value} />
        <span className={styles.note}>{note}</span>
      </dd>
    </div>
  );
}

/** A balance in dollars never looks larger than it is: two decimals, rounded down. */
function Dollars({ value, rate }: { value: string; rate: string }) {
  const { t, tag } = useWords();
  const nano = inDollars(parse(value), rate);
  const cents = nano - (((nano % 10_000_000n) + 10_000_000n) % 10_000_000n);
  return <>{t("ledger.dollars", { amount: exact(cents, tag), rate: exact(parse(rate), tag) })}</>;
}

function Promos({ head, zone }: { head: Head; zone: string }) {
  const { t, tag } = useWords();
  if (head.promos.length === 0) return <>{t("ledger.promo_none")}</>;
  return (
    <ul className={styles.promos}>
      {head.promos.map((promo, index) => (
        <li key={index}>
          {promo.expires_at === null ? (
            <Rich k="ledger.promo_stays" values={{ amount: <Money value={promo.amount} /> }} />
          ) : (
            <Rich
              k="ledger.promo_until"
              values={{
                amount: <Money value={promo.amount} />,
                day: <time dateTime={promo.expires_at}>{day(promo.expires_at, tag, zone)}</time>,
              }}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

type Hold = Head["running"][number];

/** What is held, request by request. */
function Running({ head }: { head: Head }) {
  const t = useT();
  const { id } = useWorkspace();
  const seesUsage = useMay("all_usage");
  const columns: Column<Hold>[] = [
    {
      id: "model",
      header: t("usage.model"),
      primary: true,
      cell: (hold) =>
        seesUsage ? (
          <AnchorLink to="/w/$ws/usage/$request" params={{ ws: id, request: hold.request }}>
            {hold.model ?? hold.request}
          </AnchorLink>
        ) : (
          (hold.model ?? hold.request)
        ),
    },
    { id: "key", header: t("usage.key"), cell: (hold) => hold.key_name ?? (hold.source === "chat" ? t("usage.source_chat") : "—") },
    { id: "since", header: t("ledger.since"), cell: (hold) => <TimeAgo moment={hold.since} /> },
    { id: "status", header: t("usage.status"), cell: () => <StatusBadge status="held" /> },
    { id: "held", header: t("ledger.held"), numeric: true, cell: (hold) => <Money value={hold.held} /> },
  ];
  const rest = parse(head.held) - added(head.running.map((hold) => ({ amount: hold.held })));
  return (
    <div className={styles.running}>
      <p>{t(head.running.length === 0 ? "ledger.held_none" : "ledger.held_text")}</p>
      {head.running.length > 0 && (
        <DataTable
          label={t("ledger.why_held")}
          columns={columns}
          rows={head.running}
          rowKey={(hold) => hold.request}
          footer={
            <tr role="row">
              <th role="rowheader" scope="row" colSpan={4}>
                {t("ledger.held_sum")}
              </th>
              <td role="cell" className="number">
                <Money value={head.held} />
              </td>
            </tr>
          }
        />
      )}
      {head.running.length > 0 && rest > 0n && (
        <p>
          <Rich k="ledger.held_rest" values={{ amount: <Money value={plain(rest)} /> }} />
        </p>
      )}
    </div>
  );
}
