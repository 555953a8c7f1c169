import "@mantine/charts/styles.css";

import { BarChart } from "@mantine/charts";
import { SegmentedControl, Select, Switch } from "@mantine/core";
import { useState } from "react";
import { type BarShapeProps, Rectangle } from "recharts";

import { parse } from "@/lib/money";
import { addressMoment } from "@/lib/period";
import { absolute } from "@/lib/time";
import { type Key, useWords } from "@/locales";
import { DataTable, type Column } from "@/ui/DataTable";
import { Money } from "@/ui/Money";
import { useAddress } from "@/ui/useAddress";
import { useMay } from "@/ui/workspace";
import { bucketEnd, type Chart, colourOf, type Division, DIVISIONS, isSource, METRICS, type Metric } from "./model";
import styles from "./usage.module.css";

/** Bars stacked by what they are divided into. A click shows the requests of a bar; a table has the same numbers and leads to the same requests. */
export function ChartPanel({ chart, zone, by, dimmed }: { chart: Chart; zone: string; by: Division; dimmed: boolean }) {
  const { t } = useWords();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const seesAll = useMay("all_usage");
  const asked = address.value("metric") as Metric;
  const metric: Metric = METRICS.includes(asked) ? asked : "spend";
  const [asTable, setAsTable] = useState(false);
  return (
    <section className={styles.panel} aria-labelledby="chart">
      <div className={styles.panelhead}>
        <h2 id="chart">{t("usage.over_time")}</h2>
        <div className={styles.controls}>
          <SegmentedControl
            size="xs"
            aria-label={t("usage.metric")}
            value={metric}
            data={METRICS.map((name) => ({ value: name, label: say(`usage.${name}`) }))}
            onChange={(value) => {
              address.set({ metric: value === "spend" ? "" : value });
            }}
          />
          <Select
            size="xs"
            className={styles.division}
            aria-label={t("usage.divide")}
            value={by}
            data={DIVISIONS.filter((name) => name !== "member" || seesAll).map((name) => ({ value: name, label: say(`usage.by_${name}`) }))}
            onChange={(value) => {
              address.set({ by: value === "model" ? "" : (value ?? "") });
            }}
            allowDeselect={false}
          />
          <Switch
            size="sm"
            label={t("usage.as_table")}
            checked={asTable}
            onChange={(event) => {
              setAsTable(event.currentTarget.checked);
            }}
          />
        </div>
      </div>
      <div data-dimmed={dimmed} className={styles.plot}>
        {asTable ? <Numbers chart={chart} metric={metric} zone={zone} by={by} /> : <Bars chart={chart} metric={metric} zone={zone} by={by} />}
      </div>
      <p className={styles.axis}>
        {t(chart.bucket === "hour" ? "usage.per_hour" : "usage.per_day", { zone: zone.replaceAll("_", " ") })}
        {chart.partial_last && ` · ${t("usage.partial")}`}
      </p>
    </section>
  );
}

interface PlotProps {
  chart: Chart;
  metric: Metric;
  zone: string;
}

/** Show the requests of one bar. */
function useShow(chart: Chart): (index: number) => void {
  const address = useAddress();
  return (index) => {
    const start = chart.starts[index];
    if (start === undefined) return;
    address.set({ range: "", from: addressMoment(Date.parse(start)), to: addressMoment(bucketEnd(chart, index)), cursor: "" });
    document.getElementById("log")?.scrollIntoView({ block: "start" });
  };
}

/** How the parts of a chart are called. Requests without a key are named by their source. */
function useNames(by: Division): (series: Chart["series"][number]) => string {
  const { t } = useWords();
  return (series) => {
    if (series.key === "other") return t("usage.other");
    if (by !== "model" && isSource(series.key)) return (t as (key: Key) => string)(`usage.source_${series.key}`);
    return series.label || t("usage.without");
  };
}

function Bars({ chart, metric, zone, by }: PlotProps & { by: Division }) {
  const { tag } = useWords();
  const address = useAddress();
  const show = useShow(chart);
  const name = useNames(by);
  const ticks = new Intl.DateTimeFormat(tag, {
    timeZone: zone,
    ...(chart.bucket === "hour" ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : { month: "short", day: "numeric" }),
  });
  const rows = chart.starts.map((start, index) => ({
    start,
    index,
    ...Object.fromEntries(chart.series.map((series) => [series.key || "none", height(series.points[index], metric)])),
  }));
  // Three digits that say something, however small: what is not zero never reads 0.
  const figures = new Intl.NumberFormat(tag, { notation: "compact", maximumSignificantDigits: 3 });
  return (
    <>
      <div data-testid="usage-chart" className={styles.bars}>
        <BarChart
          h={260}
          data={rows}
          dataKey="start"
          type="stacked"
          maxBarWidth={36}
          gridAxis="x"
          tickLine="none"
          strokeDasharray="0"
          withLegend={false}
          series={chart.series.map((series, place) => ({
            name: series.key || "none",
            label: name(series),
            color: colourOf(series.key, place),
          }))}
          xAxisProps={{ tickFormatter: (start: string) => ticks.format(new Date(start)), minTickGap: 24, interval: "preserveStartEnd" }}
          yAxisProps={{ tickFormatter: (value: number) => figures.format(value), width: 80 }}
          barProps={(series) => ({
            stroke: "var(--surface)",
            strokeWidth: 1,
            isAnimationActive: false,
            cursor: "pointer",
            onClick: (bar, _, event) => {
              event.stopPropagation();
              show((bar.payload as { index: number }).index);
            },
            shape: (bar: BarShapeProps) => (
              <Rectangle {...bar} fill={chart.partial_last && bar.index === chart.starts.length - 1 ? `url(#growing-${chart.series.findIndex((one) => (one.key || "none") === series.name)})` : bar.fill} />
            ),
          })}
          tooltipAnimationDuration={0}
          barChartProps={{
            // Beside a bar, too: what is pointed at. Before a tap on a bar nothing was pointed at.
            onClick: (state) => {
              if (state.activeTooltipIndex !== null && state.activeTooltipIndex !== undefined) show(Number(state.activeTooltipIndex));
            },
          }}
          tooltipProps={{
            content: ({ active, label }) => {
              const index = chart.starts.indexOf(String(label));
              return active && index >= 0 ? <Tip chart={chart} index={index} metric={metric} zone={zone} name={name} /> : null;
            },
          }}
        >
          <defs>
            {chart.series.map((series, place) => (
              <pattern key={place} id={`growing-${place}`} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect width={6} height={6} fill={colourOf(series.key, place)} fillOpacity={0.25} />
                <rect width={3} height={6} fill={colourOf(series.key, place)} />
              </pattern>
            ))}
          </defs>
        </BarChart>
      </div>
      <ul className={styles.legend}>
        {chart.series.map((series, place) => (
          <li key={series.key}>
            <span className={styles.swatch} style={{ background: colourOf(series.key, place) }} aria-hidden />
            {by === "model" || series.key === "other" || series.key === "" ? (
              <span>{name(series)}</span>
            ) : (
              <button
                type="button"
                className={styles.pick}
                onClick={() => {
                  address.set({ [isSource(series.key) ? "source" : by]: [series.key], cursor: "" });
                }}
              >
                {name(series)}
              </button>
            )}
            <span className={styles.amount}>
              <Figure point={series} metric={metric} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Tip({ chart, index, metric, zone, name }: PlotProps & { index: number; name: (series: Chart["series"][number]) => string }) {
  const { tag } = useWords();
  const parts = chart.series.map((series, place) => ({ series, place, point: series.points[index] })).filter(({ point }) => point && point.requests > 0);
  return (
    <div className={styles.tip}>
      <strong>{absolute(chart.starts[index] ?? "", tag, zone)}</strong>
      {parts.map(({ series, place, point }) => (
        <span key={series.key} className={styles.tiprow}>
          <span className={styles.swatch} style={{ background: colourOf(series.key, place) }} />
          <span>{name(series)}</span>
          <span className={styles.amount}>{point && <Figure point={point} metric={metric} />}</span>
        </span>
      ))}
      {parts.length === 0 && "0"}
    </div>
  );
}

/** The exact number of a part: an amount of Credits, or a count. */
function Figure({ point, metric }: { point: { spend: string; requests: number; tokens: number }; metric: Metric }) {
  const { tag } = useWords();
  return metric === "spend" ? <Money value={point.spend} inert /> : <>{new Intl.NumberFormat(tag).format(point[metric])}</>;
}

function Numbers({ chart, metric, zone, by }: PlotProps & { by: Division }) {
  const { t, tag } = useWords();
  const name = useNames(by);
  const show = useShow(chart);
  type Row = { start: string; index: number };
  const columns: Column<Row>[] = [
    {
      id: "start",
      header: t("usage.time"),
      primary: true,
      // What a click on a bar does, for who does not point.
      cell: (row) => (
        <button
          type="button"
          className={styles.pick}
          onClick={() => {
            show(row.index);
          }}
        >
          {absolute(row.start, tag, zone)}
        </button>
      ),
    },
    ...chart.series.map((series) => ({
      id: series.key || "none",
      header: name(series),
      numeric: true,
      cell: (row: Row) => {
        const point = series.points[row.index];
        return point === undefined ? "—" : <Figure point={point} metric={metric} />;
      },
    })),
  ];
  const rows = chart.starts
    .map((start, index) => ({ start, index }))
    .filter(({ index }) => chart.series.some((series) => (series.points[index]?.requests ?? 0) > 0))
    .reverse();
  return <DataTable label={t("usage.over_time")} columns={columns} rows={rows} rowKey={(row) => row.start} />;
}

/** Heights are the one place where an amount may lose its last digits. */
function height(point: Chart["series"][number]["points"][number] | undefined, metric: Metric): number {
  if (point === undefined) return 0;
  return metric === "spend" ? Number(parse(point.spend)) / 1e9 : point[metric];
}
