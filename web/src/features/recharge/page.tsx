import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { useWords } from "@/locales";
import { PageHeader } from "@/ui/PageHeader";
import { Result } from "@/ui/Result";
import { useWorkspace } from "@/ui/workspace";
import { Buy } from "./Buy";
import { Orders } from "./Orders";
import { Frozen, Paused, Pending } from "./Standstill";
import { optionsQuery } from "./queries";
import styles from "./recharge.module.css";

/** Buy Credits. more: what of other features belongs below the orders. */
export default function RechargePage({ more }: { more?: ReactNode }) {
  const { t, language } = useWords();
  const workspace = useWorkspace();
  const options = useQuery(optionsQuery(workspace.id, language));
  return (
    <>
      <PageHeader title={t("nav.recharge")} lead={t("recharge.lead")} />
      <div className={styles.stack}>
        <Result query={options} skeleton={<Skeleton className={styles.waiting} radius="lg" />}>
          {(data) =>
            workspace.frozen_at !== null ? (
              <Frozen />
            ) : workspace.pending !== null ? (
              <Pending />
            ) : data.paused !== null ? (
              <Paused pause={data.paused} />
            ) : (
              <Buy options={data} />
            )
          }
        </Result>
        <Orders />
        {more}
      </div>
    </>
  );
}
