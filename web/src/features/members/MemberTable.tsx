import { Badge } from "@mantine/core";
import { useState } from "react";

import { day } from "@/lib/time";
import { type Key, useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { LimitBar } from "@/ui/LimitBar";
import { Money } from "@/ui/Money";
import { RowButton } from "@/ui/RowButton";
import { Section } from "@/ui/Section";
import { useMay, useWorkspace } from "@/ui/workspace";
import { useZone } from "@/ui/zone";
import { ChangeMemberDialog } from "./ChangeMemberDialog";
import styles from "./members.module.css";
import { mayTouch, ROLE_NAMES, ROLE_TEXTS } from "./model";
import type { Member } from "./queries";
import { RemoveDialog } from "./RemoveDialog";

export function MemberTable({ rows }: { rows: readonly Member[] }) {
  const { t, tag } = useWords();
  const say = t as (key: Key) => string;
  const zone = useZone();
  const workspace = useWorkspace();
  const manages = useMay("members");
  const [changing, setChanging] = useState<Member | null>(null);
  const [removing, setRemoving] = useState<Member | null>(null);
  const touchable = (row: Member) => manages && workspace.kind === "team" && mayTouch(workspace.role, row);
  // A column that would be empty for this reader is not drawn.
  const seesSpent = rows.some((row) => row.spent_30_days !== null);
  const seesKeys = rows.some((row) => row.keys !== null);

  const columns: Column<Member>[] = [
    {
      id: "person",
      header: t("team.person"),
      primary: true,
      cell: (row) => (
        <span className={styles.person}>
          <span className={styles.who}>
            <b>{row.name}</b>
            {row.you && <Badge color="gray">{t("team.you")}</Badge>}
          </span>
          {row.email !== null && <small>{row.email}</small>}
        </span>
      ),
    },
    { id: "role", header: t("team.role"), cell: (row) => <span title={say(ROLE_TEXTS[row.role])}>{say(ROLE_NAMES[row.role])}</span> },
    { id: "limit", header: t("team.limit"), cell: (row) => <Limit row={row} /> },
    ...(seesSpent
      ? [
          {
            id: "spent",
            header: t("team.spent"),
            numeric: true,
            cell: (row: Member) => <Money value={row.spent_30_days} form="short" rounding="charge" />,
          },
        ]
      : []),
    ...(seesKeys ? [{ id: "keys", header: t("nav.keys"), numeric: true, cell: (row: Member) => row.keys ?? "—" }] : []),
    {
      id: "joined",
      header: t("team.joined"),
      cell: (row) => <time dateTime={row.joined_at}>{day(row.joined_at, tag, zone)}</time>,
    },
    ...(rows.some(touchable)
      ? [
          {
            id: "acts",
            header: t("team.acts"),
            action: true,
            cell: (row: Member) =>
              touchable(row) && (
                <span className={styles.row}>
                  <RowButton
                    of={row.name}
                    onClick={() => {
                      setChanging(row);
                    }}
                  >
                    {t("team.change")}
                  </RowButton>
                  <RowButton
                    of={row.name}
                    onClick={() => {
                      setRemoving(row);
                    }}
                  >
                    {t("team.remove")}
                  </RowButton>
                </span>
              ),
          },
        ]
      : []),
  ];
  return (
    <Section title={t("team.members")} text={workspace.kind === "team" ? t("team.members_text") : undefined} bare>
      <DataTable label={t("team.members")} columns={columns} rows={rows} rowKey={(row) => row.id} />
      <ChangeMemberDialog
        member={changing}
        onClose={() => {
          setChanging(null);
        }}
      />
      <RemoveDialog
        member={removing}
        onClose={() => {
          setRemoving(null);
        }}
      />
    </Section>
  );
}

const OF: Record<"day" | "week" | "month", "key.of_day" | "key.of_week" | "key.of_month"> = {
  day: "key.of_day",
  week: "key.of_week",
  month: "key.of_month",
};

function Limit({ row }: { row: Member }) {
  const { t } = useWords();
  if (row.spend_limit === null) return <span className={styles.quiet}>{t("limit.none")}</span>;
  const used = row.spent_in_period ?? "0";
  return (
    <div className={styles.bar}>
      <LimitBar used={used} limit={row.spend_limit} label={t("key.spend_limit_of", { name: row.name })}>
        <Money value={used} form="short" rounding="charge" /> / <Money value={row.spend_limit} form="short" />{" "}
        <span className={styles.quiet}>{t(OF[row.spend_period ?? "month"])}</span>
      </LimitBar>
    </div>
  );
}
