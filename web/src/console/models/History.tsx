import "@mantine/charts/styles.css";

import { LineChart } from "@mantine/charts";
import { Badge, Button } from "@mantine/core";
import { useState } from "react";

import { absolute, day } from "@/lib/time";
import { type Key, useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { Money } from "@/ui/Money";
import { Section } from "@/ui/Section";
import { useNow } from "@/ui/TimeAgo";
import { ActDialog } from "../ActDialog";
import { useStaffMay } from "../session";
import { steps } from "./model";
import styles from "./models.module.css";
import { PriceDialog } from "./PriceDialog";
import { type Model, useModelActs, type Version } from "./queries";

const COLORS: Record<Version["state"], string> = { current: "ok", scheduled: "accent", past: "gray", withdrawn: "gray" };

/** Every price a model ever had: as steps over time, and as a table. What is announced can be replaced or taken back. */
export function History({ model }: { model: Model }) {
  const { t, tag } = useWords();
  const say = t as (key: Key) => string;
  const owns = useStaffMay("own");
  const acts = useModelActs(model.address);
  const [replacing, setReplacing] = useState<Version | null>(null);
  const [back, setBack] = useState<Version | null>(null);
  const columns: Column<Version>[] = [
    {
      id: "from",
      header: t("console_models.from"),
      primary: true,
      cell: (row) => <time dateTime={row.effective_from}>{absolute(row.effective_from, tag)}</time>,
    },
    { id: "state", header: t("console_models.state"), cell: (row) => <Badge color={COLORS[row.state]}>{say(`console_models.version.${row.state}` as Key)}</Badge> },
    { id: "prompt", header: t("console_models.class.prompt"), numeric: true, cell: (row) => <Money value={row.prices.prompt} /> },
    { id: "completion", header: t("console_models.class.completion"), numeric: true, cell: (row) => <Money value={row.prices.completion} /> },
    { id: "cached", header: t("console_models.class.cached"), numeric: true, cell: (row) => <Money value={row.prices.cached} /> },
    { id: "id", header: t("console_models.version_id"), wideOnly: true, cell: (row) => <code className={styles.id}>{row.id}</code> },
    ...(owns && model.versions.some((one) => one.state === "scheduled")
      ? [
          {
            id: "acts",
            header: t("console_models.change"),
            action: true,
            cell: (row: Version) =>
              row.state === "scheduled" && (
                <span className={styles.acts}>
                  <Button variant="subtle" size="compact-sm" onClick={() => { setReplacing(row); }}>
                    {t("console_models.replace")}
                  </Button>
                  <Button variant="subtle" color="bad" size="compact-sm" onClick={() => { setBack(row); }}>
                    {t("console_models.withdraw")}
                  </Button>
                </span>
              ),
          },
        ]
      : []),
  ];
  return (
    <Section title={t("console_models.history")} text={t("console_models.history_text")} bare>
      <div className={styles.stack}>
        <Steps model={model} />
        <DataTable label={t("console_models.history")} columns={columns} rows={model.versions} rowKey={(row) => row.id} />
      </div>
      {replacing && (
        <PriceDialog
          opened
          model={model}
          replaces={replacing}
          onClose={() => {
            setReplacing(null);
          }}
        />
      )}
      <ActDialog
        opened={back !== null}
        onClose={() => {
          setBack(null);
        }}
        title={t("console_models.withdraw_title")}
        verb={t("console_models.withdraw")}
        danger
        onConfirm={(values) => acts.withdraw(back?.id ?? "", values.reason ?? "")}
        done={t("console_models.withdrawn")}
      >
        {t("console_models.withdraw_text")}
      </ActDialog>
    </Section>
  );
}

function Steps({ model }: { model: Model }) {
  const { t, tag } = useWords();
  const points = steps(model.versions, useNow());
  const figures = new Intl.NumberFormat(tag, { notation: "compact", maximumSignificantDigits: 3 });
  if (points.length < 3) return null;
  return (
    <div data-testid="price-history">
      <LineChart
        h={200}
        data={points as unknown as Record<string, unknown>[]}
        dataKey="at"
        curveType="stepAfter"
        gridAxis="x"
        tickLine="none"
        strokeDasharray="0"
        withDots={false}
        withLegend
        withTooltip={false}
        series={[
          { name: "prompt", label: t("console_models.class.prompt"), color: "var(--series-1)" },
          { name: "completion", label: t("console_models.class.completion"), color: "var(--series-2)" },
        ]}
        xAxisProps={{ type: "number", domain: ["dataMin", "dataMax"], tickFormatter: (at: number) => day(new Date(at).toISOString(), tag), minTickGap: 48 }}
        yAxisProps={{ tickFormatter: (value: number) => figures.format(value), width: 60 }}
        lineProps={{ isAnimationActive: false }}
      />
    </div>
  );
}
