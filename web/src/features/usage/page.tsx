import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { accountQuery } from "@/api/queries";
import { day } from "@/lib/time";
import { useWords } from "@/locales";
import { PageHeader } from "@/ui/PageHeader";
import { Result } from "@/ui/Result";
import { BlockSkeleton } from "@/ui/skeletons";
import { useNow } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import { Cards } from "./Cards";
import { ChartPanel } from "./ChartPanel";
import { Filters } from "./Filters";
import { Log } from "./Log";
import { type Division, DIVISIONS, queryOf, queryText, spanOf } from "./model";
import { chartQuery, summaryQuery } from "./queries";
import styles from "./usage.module.css";

export default function UsagePage() {
  const { t, tag } = useWords();
  const workspace = useWorkspace();
  const address = useAddress();
  const account = useQuery(accountQuery);
  const ownZone = account.data?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone = address.value("zone") === "UTC" ? "UTC" : ownZone;
  const asked = address.value("by") as Division;
  const by = DIVISIONS.includes(asked) ? asked : "model";
  // One query for everything on the page, the same for a minute.
  const minute = Math.floor(useNow() / 60_000);
  const written = JSON.stringify(queryOf(address, spanOf(address, minute * 60_000, zone)));
  const query = useMemo(() => JSON.parse(written) as ReturnType<typeof queryOf>, [written]);
  const summary = useQuery(summaryQuery(workspace.id, query));
  const chart = useQuery(chartQuery(workspace.id, query, by, zone));

  return (
    <>
      <PageHeader title={t("nav.usage")} lead={t("usage.lead")} actions={<Export workspace={workspace.id} query={query} />} />
      <Filters zone={zone} ownZone={ownZone} />
      <div className={styles.stack}>
        <Result query={summary} skeleton={<BlockSkeleton height={132} />}>
          {(data) => (
            <>
              {data.details_from && Date.parse(data.details_from) > Date.parse(query.from) && (
                <p className={styles.note}>{t("usage.details_from", { day: day(data.details_from, tag, zone) })}</p>
              )}
              <Cards summary={data} dimmed={summary.isPlaceholderData} />
            </>
          )}
        </Result>
        <Result query={chart} skeleton={<BlockSkeleton height={400} />}>
          {(data) => <ChartPanel chart={data} zone={zone} by={by} dimmed={chart.isPlaceholderData} />}
        </Result>
        <Log query={query} zone={zone} />
      </div>
    </>
  );
}

/** Exactly what is filtered, with every column and its totals. */
function Export({ workspace, query }: { workspace: string; query: ReturnType<typeof queryOf> }) {
  const { t } = useWords();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} stroke={1.5} aria-hidden />}>
          {t("usage.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(["csv", "json"] as const).map((format) => (
          <Menu.Item
            key={format}
            component="a"
            href={`/api/workspaces/${workspace}/usage/export?${queryText(query, format)}`}
            download
          >
            {t("usage.export_as", { format: format.toUpperCase() })}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
