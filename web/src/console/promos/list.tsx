import { Button } from "@mantine/core";
import { IconGift, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { day } from "@/lib/time";
import { useWords } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Money } from "@/ui/Money";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { ConsoleHeader } from "../ConsoleHeader";
import { ConsoleLink } from "../links";
import { CreateDialog } from "./CreateDialog";
import { lastDay } from "./model";
import styles from "./promos.module.css";
import { PromoState } from "./PromoState";
import { codesQuery, type PromoCode } from "./queries";

export default function PromoCodes() {
  const { t, tag } = useWords();
  const address = useAddress();
  const cursor = address.value("cursor");
  const codes = useQuery(codesQuery(cursor));
  const [making, setMaking] = useState(false);
  const create = (
    <Button
      leftSection={<IconPlus size={16} stroke={1.5} aria-hidden />}
      onClick={() => {
        setMaking(true);
      }}
    >
      {t("console_promos.create")}
    </Button>
  );
  const columns: Column<PromoCode>[] = [
    {
      id: "code",
      header: t("console_promos.code"),
      primary: true,
      cell: (row) => (
        <span className={styles.code}>
          <ConsoleLink to={`/promo-codes/${row.id}`}>
            <code>{row.code}</code>
          </ConsoleLink>
          <CopyButton text={row.code} label={t("console_promos.copy", { code: row.code })} />
        </span>
      ),
    },
    { id: "state", header: t("console_promos.state"), cell: (row) => <PromoState state={row.state} /> },
    { id: "credits", header: t("console_promos.credits"), numeric: true, cell: (row) => <Money value={row.credits} /> },
    { id: "redeemed", header: t("console_promos.redeemed"), numeric: true, cell: (row) => <Redeemed row={row} /> },
    {
      id: "expires",
      header: t("console_promos.expires"),
      cell: (row) => (row.expires_at === null ? t("console_promos.never") : day(lastDay(row.expires_at), tag, "UTC")),
    },
    { id: "note", header: t("console_promos.note"), wideOnly: true, cell: (row) => row.note },
    { id: "made", header: t("console_promos.made"), cell: (row) => <TimeAgo moment={row.created_at} /> },
  ];
  return (
    <>
      <ConsoleHeader title={t("console_promos.title")} lead={t("console_promos.lead")} actions={create} />
      <Result query={codes} skeleton={<RowsSkeleton />}>
        {(page) => (
          <DataTable
            label={t("console_promos.title")}
            columns={columns}
            rows={page.items}
            rowKey={(row) => row.id}
            dimmed={codes.isPlaceholderData}
            paging={address.paging(page.next_cursor)}
            empty={
              <EmptyState icon={IconGift} title={t("console_promos.none")}>
                {t("console_promos.none_text")}
              </EmptyState>
            }
          />
        )}
      </Result>
      <CreateDialog
        opened={making}
        onClose={() => {
          setMaking(false);
        }}
      />
    </>
  );
}

export function Redeemed({ row }: { row: PromoCode }) {
  const { t, tag } = useWords();
  const count = new Intl.NumberFormat(tag);
  return row.most === null
    ? count.format(row.redeemed)
    : t("console_promos.redeemed_of", { redeemed: count.format(row.redeemed), most: count.format(row.most) });
}
