import { Badge, SegmentedControl, TextInput, VisuallyHidden } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconLifebuoy, IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Key, useT } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink } from "../links";
import frame from "../console.module.css";
import { countsQuery, type QueueRow, queueQuery, type QueueState } from "./queries";
import { StateBadge } from "./StateBadge";
import styles from "./support.module.css";

/* The views of the queue: what is asked for, and how many there are. */
const VIEWS = ["open", "mine", "unassigned", "waiting", "solved"] as const;
type View = (typeof VIEWS)[number];
const ASKED: Record<View, { state: QueueState; assigned: string }> = {
  open: { state: "open", assigned: "" },
  mine: { state: "unsolved", assigned: "me" },
  unassigned: { state: "unsolved", assigned: "nobody" },
  waiting: { state: "waiting", assigned: "" },
  solved: { state: "solved", assigned: "" },
};

const PAUSE_MS = 300;

/** The queue: the first deadline on top. */
export default function SupportQueue() {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const found = address.value("view");
  const view: View = VIEWS.find((one) => one === found) ?? "open";
  const q = address.value("q");
  const cursor = address.value("cursor");
  const counts = useQuery(countsQuery).data;
  // A search looks everywhere: what somebody quotes may be solved.
  const asked = q.length < 2 ? ASKED[view] : { state: "all" as const, assigned: "" };
  const queue = useQuery({ ...queueQuery({ ...asked, q, cursor }), placeholderData: keepPreviousData });
  const number: Partial<Record<View, number>> = counts ? { open: counts.open, mine: counts.mine, unassigned: counts.unassigned } : {};
  const columns: Column<QueueRow>[] = [
    {
      id: "subject",
      header: t("support.subject"),
      primary: true,
      cell: (row) => (
        <span className={styles.subject}>
          {row.unread && (
            <>
              <span className={styles.dot} aria-hidden />
              <VisuallyHidden>{t("support.unread")}</VisuallyHidden>
            </>
          )}
          <ConsoleLink to={`/support/${row.id}`} fw={row.unread ? 600 : 500}>
            {row.subject}
          </ConsoleLink>
        </span>
      ),
    },
    { id: "category", header: t("support.category"), cell: (row) => say(`support.category_${row.category}` as Key) },
    {
      id: "person",
      header: t("console_support.person"),
      cell: (row) => (
        <span className={styles.person}>
          {row.person_name}
          <small>{row.workspace_name}</small>
        </span>
      ),
    },
    { id: "state", header: t("support.state"), cell: (row) => <StateBadge state={row.state} /> },
    { id: "assignee", header: t("console_support.assignee"), cell: (row) => (row.mine ? t("team.you") : (row.assignee_name ?? "—")) },
    {
      id: "due",
      header: t("console_support.due"),
      cell: (row) => (
        <span className={styles.due}>
          <TimeAgo moment={row.due_at} />
          {row.overdue && <Badge color="bad">{t("console_support.late")}</Badge>}
        </span>
      ),
    },
    { id: "updated", header: t("support.updated"), wideOnly: true, cell: (row) => <TimeAgo moment={row.updated_at} /> },
  ];
  return (
    <>
      <ConsoleHeader title={t("nav.support")} lead={counts && counts.overdue > 0 ? t("console_support.overdue", { count: counts.overdue }) : t("console_support.lead")} />
      <div className={frame.filters}>
        <Search q={q} />
        <SegmentedControl
          className={styles.views}
          aria-label={t("console_support.view")}
          value={view}
          onChange={(value) => {
            address.set({ view: value, q: "", cursor: "" });
          }}
          data={VIEWS.map((value) => ({ value, label: viewName(say(`console_support.view_${value}` as Key), number[value]) }))}
        />
      </div>
      <Result query={queue} skeleton={<RowsSkeleton rows={6} />}>
        {(page) => (
          <DataTable
            label={t("nav.support")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={queue.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={<EmptyState icon={IconLifebuoy} title={t(q.length < 2 ? "console_support.none" : "console_support.none_found")} />}
          />
        )}
      </Result>
    </>
  );
}

function viewName(name: string, count: number | undefined): string {
  return count === undefined || count === 0 ? name : `${name} ${count}`;
}

function Search({ q }: { q: string }) {
  const t = useT();
  const address = useAddress();
  const [text, setText] = useState(q);
  const [shown, setShown] = useState(q);
  const search = useDebouncedCallback((value: string) => {
    setShown(value);
    address.set({ q: value, cursor: "" }, { replace: true });
  }, PAUSE_MS);
  // Another view was chosen meanwhile: the field follows the address.
  if (q !== shown) {
    setShown(q);
    setText(q);
  }
  return (
    <TextInput
      type="search"
      label={t("console_support.search")}
      placeholder="tkt_… OM-1234"
      leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        search(event.currentTarget.value.trim());
      }}
    />
  );
}
