import { Button } from "@mantine/core";
import { IconBook2, IconCheck, IconChevronRight, IconDownload } from "@tabler/icons-react";
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { parse, plain } from "@/lib/money";
import { Rich, useT, useWords } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import { Cause } from "./Cause";
import { Figure } from "./Figure";
import { Filters } from "./Filters";
import { KindWord, StatusBadge } from "./kinds";
import styles from "./ledger.module.css";
import { added, chains, type Group, type Line, NARROWING, places, queryText, type queryOf } from "./model";
import { linesQuery, PARTS, partsQuery } from "./queries";
import { useNews } from "./useNews";
import { When } from "./When";

interface LinesProps {
  query: ReturnType<typeof queryOf>;
  group: Group;
  zone: string;
  ownZone: string;
}

/** The lines, newest first. The first page follows what happens, and says so. */
export function Lines({ query, group, zone, ownZone }: LinesProps) {
  const t = useT();
  const address = useAddress();
  const workspace = useWorkspace();
  const cursor = address.value("cursor");
  const lines = useQuery(linesQuery(workspace.id, query, group, zone, cursor));
  const list = JSON.stringify([query, group, zone, cursor]);
  const news = useNews(list, lines.isPlaceholderData || cursor !== "" ? undefined : lines.data?.items);
  return (
    <section className={styles.section} aria-labelledby="lines">
      <div className={styles.sectionhead}>
        <h2 id="lines">{t("ledger.lines")}</h2>
        <Button
          component="a"
          variant="default"
          download
          href={`/api/workspaces/${workspace.id}/ledger/export?${queryText(query)}`}
          leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}
        >
          {t("ledger.export")}
        </Button>
      </div>
      <Filters zone={zone} ownZone={ownZone} />
      <p role="status" className="visually-hidden">
        {news.said}
      </p>
      <Result query={lines} skeleton={<RowsSkeleton rows={10} />}>
        {(page) => (
          <>
            <Rows
              lines={page.items}
              total={page.total}
              zone={zone}
              fresh={news.fresh}
              dimmed={lines.isPlaceholderData}
              paging={address.paging(page.next_cursor)}
            />
            {query.kind.length === 0 && page.items.length > 1 && <Proof lines={page.items} />}
          </>
        )}
      </Result>
    </section>
  );
}

/** The reader's own browser adds up what it shows. */
function Proof({ lines }: { lines: readonly Line[] }) {
  const t = useT();
  return chains(lines) ? (
    <p className={styles.proofline}>
      <IconCheck size={16} stroke={1.5} aria-hidden /> {t("ledger.added_up", { count: lines.length })}
    </p>
  ) : (
    <p className={styles.proofline} data-state="wrong">
      {t("ledger.not_added_up")}
    </p>
  );
}

/** A line; below an opened one its requests, and their sum. */
type Row =
  | { at: "line"; line: Line }
  | { at: "part"; line: Line; of: Line }
  | { at: "sum"; of: Line; parts: readonly Line[] }
  | { at: "wait"; of: Line; failed: boolean; retry: () => void };

interface RowsProps {
  lines: readonly Line[];
  total: string;
  zone: string;
  fresh: ReadonlySet<string>;
  dimmed: boolean;
  paging: { cursor: string; next: string | null; go: (cursor: string) => void };
}

function Rows({ lines, total, zone, fresh, dimmed, paging }: RowsProps) {
  const t = useT();
  const { id } = useWorkspace();
  /* How many requests of a line are wanted, by its id. */
  const [opened, setOpened] = useState<Readonly<Record<string, number>>>({});
  const open = lines.flatMap((line) => (line.group && opened[line.id] ? [{ line, group: line.group, wanted: opened[line.id] ?? PARTS }] : []));
  const parts = useQueries({
    queries: open.map(({ group, wanted }) => ({ ...partsQuery(id, group, wanted), placeholderData: keepPreviousData })),
  });
  const rows = lines.flatMap((line): Row[] => {
    const place = open.findIndex((one) => one.line.id === line.id);
    const query = parts[place];
    if (query === undefined) return [{ at: "line", line }];
    // While a line grows, the requests of before would be those of another one.
    const found = query.data?.every((part) => line.group === null || part.time <= line.group.to) ? query.data : undefined;
    if (found === undefined)
      return [{ at: "line", line }, { at: "wait", of: line, failed: query.isError, retry: () => void query.refetch() }];
    return [
      { at: "line", line },
      ...found.map((part): Row => ({ at: "part", line: part, of: line })),
      { at: "sum", of: line, parts: found },
    ];
  });
  const listed = rows.flatMap((row) => (row.at === "line" || row.at === "part" ? [row.line] : []));
  const amountTo = Math.max(places(total), ...listed.map((line) => places(line.amount)));
  const afterTo = Math.max(2, ...listed.map((line) => places(line.balance_after)));
  const toggle = (line: Line, wanted: number) => {
    setOpened((was) => ({ ...was, [line.id]: wanted }));
  };
  const columns: Column<Row>[] = [
    {
      id: "kind",
      header: t("ledger.type"),
      primary: true,
      cell: (row) =>
        row.at === "line" ? (
          <KindWord kind={row.line.kind} />
        ) : row.at === "part" ? (
          <span className={styles.tick}>{t("ledger.request")}</span>
        ) : row.at === "sum" ? (
          <strong className={styles.tick}>{t("ledger.sum_of", { count: row.parts.length })}</strong>
        ) : (
          <span className={styles.tick}>{row.failed ? t("error.unreadable") : t("wait.loading")}</span>
        ),
    },
    {
      id: "cause",
      header: t("ledger.cause"),
      cell: (row) => {
        if (row.at === "sum") return <Rest row={row} onMore={() => { toggle(row.of, (opened[row.of.id] ?? PARTS) + PARTS * 5); }} />;
        if (row.at === "wait")
          return row.failed ? (
            <Button variant="default" size="compact-sm" onClick={row.retry}>
              {t("error.retry")}
            </Button>
          ) : null;
        const group = row.line.group;
        if (group === null) return <Cause line={row.line} />;
        const shown = (opened[row.line.id] ?? 0) > 0;
        return (
          <button
            type="button"
            className={styles.opener}
            aria-expanded={shown}
            onClick={() => {
              toggle(row.line, shown ? 0 : PARTS);
            }}
          >
            <IconChevronRight size={16} stroke={1.5} aria-hidden data-open={shown} />
            {t("overview.requests_group", { count: group.requests })}
          </button>
        );
      },
    },
    {
      id: "time",
      header: t("ledger.time_in", { zone: zone.replaceAll("_", " ") }),
      cell: (row) => (row.at === "line" || row.at === "part" ? <When line={row.line} zone={zone} /> : null),
    },
    {
      id: "status",
      header: t("usage.status"),
      cell: (row) => (row.at === "line" ? <StatusBadge status={row.line.status} /> : null),
    },
    {
      id: "amount",
      header: t("overview.amount"),
      numeric: true,
      cell: (row) =>
        row.at === "wait" ? null : row.at === "sum" ? <Sum row={row} to={amountTo} /> : <Figure value={row.line.amount} to={amountTo} signed />,
    },
    {
      id: "after",
      header: t("overview.after"),
      numeric: true,
      cell: (row) => (row.at === "line" || row.at === "part" ? <Figure value={row.line.balance_after} to={afterTo} /> : null),
    },
    {
      id: "id",
      header: t("ledger.id"),
      action: true,
      wideOnly: true,
      cell: (row) =>
        (row.at === "line" && row.line.group === null) || row.at === "part" ? (
          <CopyButton text={row.line.id} label={t("ledger.copy_id")} />
        ) : null,
    },
  ];
  return (
    <div className={styles.lines}>
      <DataTable
        label={t("ledger.lines")}
        columns={columns}
        rows={rows}
        rowKey={(row) => (row.at === "line" ? row.line.id : row.at === "part" ? `${row.of.id}/${row.line.id}` : `${row.of.id}/${row.at}`)}
        mark={(row) => (row.at === "line" ? (fresh.has(row.line.id) ? "fresh" : undefined) : row.at)}
        dimmed={dimmed}
        paging={paging}
        empty={<Nothing />}
        footer={
          <tr role="row">
            <th role="rowheader" scope="row" colSpan={4}>
              {t("ledger.total")}
            </th>
            <td role="cell" className="number">
              <Figure value={total} to={amountTo} signed />
            </td>
            <td role="cell" colSpan={2} />
          </tr>
        }
      />
    </div>
  );
}

/** The sum of what is listed below a line: all of it equals the line. */
function Sum({ row, to }: { row: Extract<Row, { at: "sum" }>; to: number }) {
  const t = useT();
  const sum = added(row.parts);
  const whole = row.parts.length === row.of.group?.requests;
  return (
    <strong className={styles.sum}>
      {whole && sum === parse(row.of.amount) && <IconCheck size={16} stroke={1.5} role="img" aria-label={t("ledger.equals")} />}
      <Figure value={plain(sum)} to={to} signed />
    </strong>
  );
}

function Rest({ row, onMore }: { row: Extract<Row, { at: "sum" }>; onMore: () => void }) {
  const { t, tag } = useWords();
  const all = row.of.group?.requests ?? 0;
  if (row.parts.length >= all) return <span className={styles.note}>{t("ledger.equals")}</span>;
  return (
    <Button variant="default" size="compact-sm" onClick={onMore}>
      {t("ledger.more_requests", { shown: row.parts.length, all: new Intl.NumberFormat(tag).format(all) })}
    </Button>
  );
}

/** Nothing was booked yet, or everything is filtered away. */
function Nothing() {
  const t = useT();
  const address = useAddress();
  if (NARROWING.every((name) => address.value(name) === "")) {
    return (
      <EmptyState icon={IconBook2} title={t("overview.no_lines")}>
        {t("overview.no_lines_text")}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={IconBook2}
      title={t("ledger.no_match")}
      action={
        <Button
          variant="default"
          onClick={() => {
            address.set({ ...Object.fromEntries(NARROWING.map((name) => [name, ""])), cursor: "" });
          }}
        >
          {t("usage.clear")}
        </Button>
      }
    >
      <Rich k="ledger.no_match_text" values={{}} />
    </EmptyState>
  );
}
