import { IconPlayerPause } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { Section, Sections } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { ConsoleHeader } from "../ConsoleHeader";
import { useStaffMay } from "../session";
import { InForceList } from "./InForceList";
import { type Over, stopsQuery } from "./queries";
import { StopForm } from "./StopForm";

export default function Stop() {
  const t = useT();
  const may = useStaffMay("own");
  const stops = useQuery(stopsQuery);
  const columns: Column<Over>[] = [
    { id: "scope", header: t("console_stop.scope"), primary: true, cell: (row) => <code>{row.scope}</code> },
    { id: "since", header: t("console_stop.since"), cell: (row) => <TimeAgo moment={row.since} /> },
    { id: "ended", header: t("console_stop.ended"), cell: (row) => <TimeAgo moment={row.ended_at} /> },
    { id: "refused", header: t("console_stop.refused"), numeric: true, cell: (row) => String(row.refused) },
    { id: "reason", header: t("console.reason"), cell: (row) => row.reason },
    { id: "end_reason", header: t("console_stop.end_reason"), cell: (row) => row.ended_reason || "—" },
  ];
  return (
    <>
      <ConsoleHeader title={t("console_stop.title")} lead={t("console_stop.lead")} />
      <Result query={stops} skeleton={<BlockSkeleton height={320} />}>
        {(state) => (
          <Sections>
            <InForceList stops={state.in_force} />
            {may && <StopForm state={state} />}
            <Section title={t("console_stop.history")} bare>
              <DataTable
                label={t("console_stop.history")}
                columns={columns}
                rows={state.history}
                rowKey={(row) => `${row.scope} ${row.since}`}
                empty={
                  <EmptyState icon={IconPlayerPause} title={t("console_stop.none")}>
                    {t("console_stop.none_text")}
                  </EmptyState>
                }
              />
            </Section>
          </Sections>
        )}
      </Result>
    </>
  );
}
