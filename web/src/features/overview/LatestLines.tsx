import { IconBook2 } from "@tabler/icons-react";

import type { Schemas } from "@/api/client";
import { type Key, type Translate, useT } from "@/locales";
import { DataTable, type Column } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { TimeAgo } from "@/ui/TimeAgo";
import { useWorkspace } from "@/ui/workspace";
import styles from "./overview.module.css";

type Line = Schemas["LedgerLine"];

export function LatestLines({ lines }: { lines: readonly Line[] }) {
  const t = useT();
  const { id } = useWorkspace();
  const columns: Column<Line>[] = [
    {
      id: "what",
      header: t("overview.what"),
      primary: true,
      cell: (line) => (
        <AnchorLink to="/w/$ws/ledger/$line" params={{ ws: id, line: line.id }}>
          {titleOf(line, t)}
        </AnchorLink>
      ),
    },
    { id: "time", header: t("overview.time"), cell: (line) => <TimeAgo moment={line.time} /> },
    { id: "amount", header: t("overview.amount"), numeric: true, cell: (line) => <Money value={line.amount} signed /> },
    { id: "after", header: t("overview.after"), numeric: true, cell: (line) => <Money value={line.balance_after} /> },
  ];
  return (
    <section className={styles.section} aria-labelledby="lines">
      <div className={styles.sectionhead}>
        <h2 id="lines">{t("overview.recent")}</h2>
        <AnchorLink to="/w/$ws/ledger" params={{ ws: id }}>
          {t("overview.all_lines")}
        </AnchorLink>
      </div>
      <DataTable
        label={t("overview.recent")}
        columns={columns}
        rows={lines}
        rowKey={(line) => line.id}
        empty={
          <EmptyState icon={IconBook2} title={t("overview.no_lines")}>
            {t("overview.no_lines_text")}
          </EmptyState>
        }
      />
    </section>
  );
}

function titleOf(line: Line, t: Translate): string {
  const kind = (t as (key: Key) => string)(`kind.${line.kind}`);
  const requests = line.group?.requests;
  const detail = typeof requests === "number" ? t("overview.requests_group", { count: requests }) : (line.model ?? line.description);
  return detail === "" ? kind : `${kind} · ${detail}`;
}
