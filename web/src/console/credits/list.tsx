import { Group, NativeSelect } from "@mantine/core";
import { IconCoins } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { type Key, useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import styles from "../console.module.css";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleButton, ConsoleLink } from "../links";
import { SearchField } from "../SearchField";
import { AdjustCredits } from "./AdjustCredits";
import { ProposalState } from "./ProposalState";
import { proposalsQuery, type Row, type Wanted, WANTED } from "./queries";

export default function Credits() {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const asked = address.value("state");
  const state: Wanted = WANTED.find((one) => one === asked) ?? "all";
  const workspace = address.value("workspace");
  const cursor = address.value("cursor");
  const proposals = useQuery(proposalsQuery(state, workspace, cursor));
  const columns: Column<Row>[] = [
    {
      id: "kind",
      header: t("console_credits.kind"),
      primary: true,
      cell: (row) => <ConsoleLink to={`/credits/${row.id}`}>{say(`console_credits.kind_${row.kind}` as Key)}</ConsoleLink>,
    },
    { id: "state", header: t("console_credits.state"), cell: (row) => <ProposalState row={row} /> },
    { id: "credits", header: t("console_credits.credits"), numeric: true, cell: (row) => <Money value={row.credits} signed /> },
    { id: "workspace", header: t("console_credits.workspace"), cell: (row) => row.workspace.name },
    { id: "note", header: t("console_credits.note"), wideOnly: true, cell: (row) => row.note },
    { id: "proposer", header: t("console_credits.proposer"), cell: (row) => (row.proposer.yours ? t("console_credits.you") : row.proposer.name) },
    { id: "made", header: t("console_credits.made"), cell: (row) => <TimeAgo moment={row.created_at} /> },
  ];
  return (
    <>
      <ConsoleHeader
        title={t("console_credits.title")}
        lead={t("console_credits.lead")}
        actions={
          <Group gap="xs">
            <ConsoleButton to="/credits/charge" variant="default">
              {t("console_credits.charge")}
            </ConsoleButton>
            {workspace !== "" && proposals.isSuccess && <AdjustCredits workspace={workspace} name={proposals.data.items[0]?.workspace.name} />}
          </Group>
        }
      />
      <div className={styles.filters}>
        <NativeSelect
          label={t("console_credits.show")}
          value={state}
          data={WANTED.map((one) => ({ value: one, label: say(`console_credits.show_${one}` as Key) }))}
          onChange={(event) => {
            address.set({ state: event.currentTarget.value, cursor: "" });
          }}
        />
        <SearchField label={t("console_credits.workspace_id")} name="workspace" />
      </div>
      <Result query={proposals} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_credits.title")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={proposals.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={
              <EmptyState icon={IconCoins} title={t("console_credits.none")}>
                {t("console_credits.none_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
    </>
  );
}
