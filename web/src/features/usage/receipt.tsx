import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { exact, parse } from "@/lib/money";
import { absolute, duration } from "@/lib/time";
import { type Key, Rich, useT, useWords } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { DataTable, type Column } from "@/ui/DataTable";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { PageHeader } from "@/ui/PageHeader";
import { ReportProblem } from "@/ui/ReportProblem";
import { Result } from "@/ui/Result";
import { BlockSkeleton } from "@/ui/skeletons";
import { useMay, useWorkspace } from "@/ui/workspace";
import { Outcome } from "./Log";
import type { Receipt } from "./model";
import { receiptQuery } from "./queries";
import styles from "./usage.module.css";

/** How one request was billed, to the last digit. */
export default function ReceiptPage() {
  const t = useT();
  const { request = "" } = useParams({ strict: false });
  const workspace = useWorkspace();
  const receipt = useQuery(receiptQuery(workspace.id, request));
  return (
    <>
      <p className={styles.back}>
        <AnchorLink to="/w/$ws/usage" params={{ ws: workspace.id }}>
          <IconArrowLeft size={16} stroke={1.5} aria-hidden /> {t("nav.usage")}
        </AnchorLink>
      </p>
      <PageHeader
        title={t("usage.receipt")}
        lead={<code className={styles.id}>{request}</code>}
        actions={
          <>
            <CopyButton text={request} label={t("usage.copy_id")} wide />
            <ReportProblem kind="request" id={request} />
            {receipt.data && <CopyButton text={JSON.stringify(receipt.data, null, 2)} label={t("usage.copy_json")} wide />}
          </>
        }
      />
      <Result query={receipt} skeleton={<BlockSkeleton height={420} />}>
        {(data) => (
          <div className={styles.stack}>
            <Facts receipt={data} />
            <Arithmetic receipt={data} />
            <Course receipt={data} />
          </div>
        )}
      </Result>
    </>
  );
}

function Facts({ receipt }: { receipt: Receipt }) {
  const { t, tag } = useWords();
  const say = t as (key: Key) => string;
  return (
    <dl className={styles.facts}>
      <Fact name={t("usage.status")}>
        <Outcome row={receipt} />
      </Fact>
      <Fact name={t("usage.time")}>
        <time dateTime={receipt.time}>{absolute(receipt.time, tag)}</time>
      </Fact>
      <Fact name={t("usage.model")}>
        {receipt.model}
        {receipt.wanted_model !== receipt.model && <small>{t("usage.wanted", { model: receipt.wanted_model })}</small>}
      </Fact>
      <Fact name={t("usage.provider")}>{receipt.provider}</Fact>
      <Fact name={t("usage.key")}>{receipt.key_name ?? say(`usage.source_${receipt.source}`)}</Fact>
      {receipt.member_name && <Fact name={t("usage.by_member")}>{receipt.member_name}</Fact>}
      <Fact name={t("usage.latency")}>
        {receipt.running ? "—" : duration(receipt.latency_ms, tag)}
        {receipt.first_token_ms !== null && <small>{t("usage.first_after", { time: duration(receipt.first_token_ms, tag) })}</small>}
      </Fact>
      <Fact name={t("usage.text")}>{t(receipt.source === "chat" ? "usage.text_chat" : "usage.text_api")}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

type Line = Receipt["lines"][number];

/** count × price for each class, the exact sum, the one rounding, the charge. */
function Arithmetic({ receipt }: { receipt: Receipt }) {
  const { t, tag } = useWords();
  const say = t as (key: Key) => string;
  const count = new Intl.NumberFormat(tag);
  const columns: Column<Line>[] = [
    { id: "name", header: t("usage.class"), primary: true, cell: (line) => say(`usage.class_${line.name}` as Key) },
    { id: "count", header: t("usage.count"), numeric: true, cell: (line) => count.format(line.count) },
    {
      id: "price",
      header: t("usage.price"),
      numeric: true,
      cell: (line) => (
        <span>
          <Money value={line.price} inert /> <small className={styles.per}>{line.per === 1 ? t("usage.each") : t("usage.per_million")}</small>
        </span>
      ),
    },
    { id: "cost", header: t("usage.cost_exact"), numeric: true, cell: (line) => <code className={styles.exact}>{line.cost}</code> },
  ];
  return (
    <section className={styles.section} aria-labelledby="arithmetic">
      <h2 id="arithmetic">{t("usage.arithmetic")}</h2>
      <DataTable
        label={t("usage.arithmetic")}
        columns={columns}
        rows={receipt.lines}
        rowKey={(line) => line.name}
        empty={<p className={styles.free}>{receipt.running ? t("usage.still_running") : t("usage.nothing_charged")}</p>}
        footer={
          <>
            <Sum label={t("usage.sum")} value={<code className={styles.exact}>{receipt.unrounded}</code>} />
            <Sum label={t("usage.charge")} value={<Money value={receipt.cost} inert unit />} strong />
          </>
        }
      />
      <p className={styles.axis}>
        {t("usage.price_version", { since: absolute(receipt.price_since, tag) })}
        {receipt.estimated && ` · ${t("usage.estimated")}`}
      </p>
    </section>
  );
}

function Sum({ label, value, strong = false }: { label: string; value: ReactNode; strong?: boolean }) {
  return (
    <tr role="row" data-strong={strong}>
      <th role="rowheader" scope="row" colSpan={3}>
        {label}
      </th>
      <td role="cell" className="number">
        {value}
      </td>
    </tr>
  );
}

/** From the hold to the charge, what was tried, and the lines of the ledger. */
function Course({ receipt }: { receipt: Receipt }) {
  const { t, tag } = useWords();
  const { id } = useWorkspace();
  const seesLedger = useMay("ledger");
  const show = (amount: string) => exact(parse(amount), tag);
  return (
    <section className={styles.section} aria-labelledby="course">
      <h2 id="course">{t("usage.course")}</h2>
      <ol className={styles.course}>
        <li>{t("usage.held", { amount: show(receipt.held) })}</li>
        {receipt.attempts.map((attempt, index) => (
          <li key={index}>
            {t(attempt.answered ? "usage.attempt_answered" : "usage.attempt_failed", {
              provider: attempt.provider,
              status: attempt.status ?? "—",
              time: attempt.latency_ms === null ? "—" : duration(attempt.latency_ms, tag),
            })}
          </li>
        ))}
        {!receipt.running && <li>{t("usage.settled", { charge: show(receipt.cost), released: show(receipt.released) })}</li>}
        {receipt.error_code && <li>{t("usage.error", { code: receipt.error_code })}</li>}
      </ol>
      {seesLedger && receipt.ledger.length > 0 && !receipt.running && (
        <p>
          <Rich
            k="usage.in_ledger"
            values={{
              link: (
                <AnchorLink to="/w/$ws/ledger/$line" params={{ ws: id, line: receipt.ledger.at(-1) ?? "" }}>
                  {t("usage.ledger_line")}
                </AnchorLink>
              ),
            }}
          />
        </p>
      )}
    </section>
  );
}
