import "@mantine/charts/styles.css";

import { BarChart } from "@mantine/charts";
import { Switch } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";

import { day } from "@/lib/time";
import { useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { Money } from "@/ui/Money";
import styles from "./dashboard.module.css";
import { bars } from "./model";
import type { Board, Day } from "./queries";

/** Money and requests by UTC day: as bars, or as a table with every digit. */
export function Plots({ board }: { board: Board }) {
  const { t, tag } = useWords();
  const count = new Intl.NumberFormat(tag);
  const date: Column<Day> = { id: "day", header: t("console_dashboard.day"), primary: true, cell: (row) => day(row.day, tag, "UTC") };
  const money = (id: "recharged" | "charged" | "provider_cost", header: string): Column<Day> => ({
    id,
    header,
    numeric: true,
    cell: (row) => <Money value={row[id]} />,
  });
  const newest = board.by_day.toReversed();
  return (
    <div className={styles.halves}>
      {board.money && (
        <Panel
          title={t("console_dashboard.money_by_day")}
          columns={[date, money("recharged", t("console_dashboard.recharged")), money("charged", t("console_dashboard.charged")), money("provider_cost", t("console_dashboard.provider_cost"))]}
          rows={newest}
        >
          <Bars
            days={board.by_day}
            series={[
              { name: "charged", label: t("console_dashboard.charged"), color: "var(--series-1)" },
              { name: "cost", label: t("console_dashboard.provider_cost"), color: "var(--series-2)" },
              { name: "recharged", label: t("console_dashboard.recharged"), color: "var(--series-3)" },
            ]}
          />
        </Panel>
      )}
      <Panel
        title={t("console_dashboard.requests_by_day")}
        columns={[
          date,
          { id: "requests", header: t("console_dashboard.requests"), numeric: true, cell: (row) => count.format(row.requests) },
          { id: "errors", header: t("console_dashboard.errors"), numeric: true, cell: (row) => count.format(row.errors) },
        ]}
        rows={newest}
      >
        <Bars
          stacked
          days={board.by_day}
          series={[
            { name: "good", label: t("console_dashboard.good"), color: "var(--series-1)" },
            { name: "errors", label: t("console_dashboard.errors"), color: "var(--series-5)" },
          ]}
        />
      </Panel>
    </div>
  );
}

function Panel({ title, columns, rows, children }: { title: string; columns: Column<Day>[]; rows: readonly Day[]; children: ReactNode }) {
  const { t } = useWords();
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  return (
    <section className={styles.panel} aria-labelledby={id}>
      <div className={styles.head}>
        <h2 id={id}>{title}</h2>
        <Switch
          size="sm"
          label={t("usage.as_table")}
          checked={asTable}
          onChange={(event) => {
            setAsTable(event.currentTarget.checked);
          }}
        />
      </div>
      {asTable ? <DataTable label={title} columns={columns} rows={rows} rowKey={(row) => row.day} /> : children}
      <p className={styles.axis}>{t("console_dashboard.axis")}</p>
    </section>
  );
}

function Bars({ days, series, stacked = false }: { days: readonly Day[]; series: { name: string; label: string; color: string }[]; stacked?: boolean }) {
  const { tag } = useWords();
  const ticks = new Intl.DateTimeFormat(tag, { month: "short", day: "numeric", timeZone: "UTC" });
  const figures = new Intl.NumberFormat(tag, { notation: "compact", maximumSignificantDigits: 3 });
  return (
    <div data-testid="dashboard-chart">
      <BarChart
        h={220}
        data={bars(days)}
        dataKey="day"
        type={stacked ? "stacked" : "default"}
        maxBarWidth={24}
        gridAxis="x"
        tickLine="none"
        strokeDasharray="0"
        withLegend={false}
        withTooltip={false}
        series={series}
        xAxisProps={{ tickFormatter: (start: string) => ticks.format(new Date(start)), minTickGap: 24 }}
        yAxisProps={{ tickFormatter: (value: number) => figures.format(value), width: 60, allowDecimals: !stacked }}
        barProps={{ stroke: "var(--surface)", strokeWidth: 1, isAnimationActive: false }}
      />
      <ul className={styles.legend}>
        {series.map((one) => (
          <li key={one.name}>
            <span className={styles.swatch} style={{ background: one.color }} aria-hidden />
            {one.label}
          </li>
        ))}
      </ul>
    </div>
  );
}
