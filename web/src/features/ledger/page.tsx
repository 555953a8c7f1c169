import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { useT } from "@/locales";
import { PageHeader } from "@/ui/PageHeader";
import { Result } from "@/ui/Result";
import { useNow } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import { Lines } from "./Lines";
import { groupOf, queryOf } from "./model";
import { headQuery } from "./queries";
import { Standing } from "./Standing";
import { Statements } from "./Statements";
import { useZone } from "./useZone";
import styles from "./ledger.module.css";

export default function LedgerPage() {
  const t = useT();
  const workspace = useWorkspace();
  const address = useAddress();
  const { zone, ownZone } = useZone();
  const head = useQuery(headQuery(workspace.id));
  // One query for everything that is listed, the same as long as it means the same.
  const written = JSON.stringify(queryOf(address, useNow(), zone));
  const query = useMemo(() => JSON.parse(written) as ReturnType<typeof queryOf>, [written]);
  return (
    <>
      <PageHeader title={t("nav.ledger")} lead={t("ledger.lead")} />
      <div className={styles.stack}>
        <Result query={head} skeleton={<Skeleton className={styles.waiting} radius="lg" />}>
          {(data) => <Standing head={data} zone={zone} />}
        </Result>
        <Lines query={query} group={groupOf(address)} zone={zone} ownZone={ownZone} />
        <Statements />
      </div>
    </>
  );
}
