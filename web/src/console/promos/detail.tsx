import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { day } from "@/lib/time";
import { useWords } from "@/locales";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { Section, Sections } from "@/ui/Section";
import { BlockSkeleton, RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { ActDialog } from "../ActDialog";
import { ConsoleHeader } from "../ConsoleHeader";
import { useId } from "../links";
import { Redeemed } from "./list";
import { lastDay } from "./model";
import styles from "./promos.module.css";
import { PromoState } from "./PromoState";
import { codeQuery, type PromoCode, type Redemption, redemptionsQuery, usePromoActs } from "./queries";

export default function OnePromoCode() {
  const id = useId();
  const code = useQuery(codeQuery(id));
  return (
    <Result query={code} skeleton={<BlockSkeleton height={320} />}>
      {(row) => <Shown row={row} />}
    </Result>
  );
}

function Shown({ row }: { row: PromoCode }) {
  const { t, tag } = useWords();
  return (
    <>
      <ConsoleHeader
        title={row.code}
        back={{ to: "/promo-codes", label: t("console_promos.title") }}
        mark={<PromoState state={row.state} />}
        lead={row.state === "proposed" && t(row.yours ? "console_promos.waits_yours" : "console_promos.waits")}
        actions={<Acts row={row} />}
      />
      <Sections>
        <Section title={t("console_promos.facts")}>
          <Facts
            facts={[
              [t("console_promos.credits"), <Money key="credits" value={row.credits} />],
              [t("console_promos.redeemed"), <Redeemed key="redeemed" row={row} />],
              [t("console_promos.valid_days"), row.valid_days ?? t("console_promos.for_ever")],
              [t("console_promos.expires"), row.expires_at === null ? t("console_promos.never") : day(lastDay(row.expires_at), tag, "UTC")],
              [t("console_promos.note"), row.note === "" ? "—" : row.note],
              [t("console_promos.made"), <TimeAgo key="made" moment={row.created_at} />],
              [t("console_promos.made_by"), <code key="by">{row.created_by}</code>],
              ...(row.retired_at === null ? [] : [[t("console_promos.state_retired"), <TimeAgo key="over" moment={row.retired_at} />] as const]),
            ]}
          />
        </Section>
        <Redemptions code={row.id} />
      </Sections>
    </>
  );
}

function Acts({ row }: { row: PromoCode }) {
  const { t } = useWords();
  const acts = usePromoActs();
  const [act, setAct] = useState<"approve" | "retire" | null>(null);
  const close = () => {
    setAct(null);
  };
  return (
    <Group gap="xs">
      {row.state !== "retired" && (
        <Button
          variant="default"
          onClick={() => {
            setAct("retire");
          }}
        >
          {t("console_promos.retire")}
        </Button>
      )}
      {row.state === "proposed" && !row.yours && (
        <Button
          onClick={() => {
            setAct("approve");
          }}
        >
          {t("console.approve")}
        </Button>
      )}
      <ActDialog
        opened={act === "approve"}
        onClose={close}
        title={t("console_promos.approve_title", { code: row.code })}
        verb={t("console.approve")}
        onConfirm={(values) => acts.approve(row.id, values.reason ?? "")}
        done={t("console_promos.approved")}
      >
        {t("console_promos.approve_text")}
      </ActDialog>
      <ActDialog
        opened={act === "retire"}
        onClose={close}
        title={t("console_promos.retire_title", { code: row.code })}
        verb={t("console_promos.retire")}
        danger
        onConfirm={(values) => acts.retire(row.id, values.reason ?? "")}
        done={t("console_promos.retired")}
      >
        {t("console_promos.retire_text")}
      </ActDialog>
    </Group>
  );
}

function Redemptions({ code }: { code: string }) {
  const { t } = useWords();
  const address = useAddress();
  const cursor = address.value("cursor");
  const found = useQuery(redemptionsQuery(code, cursor));
  const columns: Column<Redemption>[] = [
    { id: "workspace", header: t("console_promos.workspace"), primary: true, cell: (row) => row.workspace_name },
    { id: "id", header: t("console_promos.workspace_id"), wideOnly: true, cell: (row) => <code>{row.workspace}</code> },
    {
      id: "by",
      header: t("console_promos.by"),
      cell: (row) => <code className={styles.id}>{row.redeemed_by ?? "—"}</code>,
    },
    { id: "at", header: t("console_promos.at"), cell: (row) => <TimeAgo moment={row.redeemed_at} /> },
  ];
  return (
    <Section title={t("console_promos.redemptions")} bare>
      <Result query={found} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_promos.redemptions")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.transfer}
            dimmed={found.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={<EmptyState title={t("console_promos.nobody")} />}
          />
        )}
      </Result>
    </Section>
  );
}
