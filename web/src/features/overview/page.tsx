import { useQuery } from "@tanstack/react-query";

import { useT } from "@/locales";
import { PageHeader } from "@/ui/PageHeader";
import { Result } from "@/ui/Result";
import { BlockSkeleton } from "@/ui/skeletons";
import { useMay, useWorkspace } from "@/ui/workspace";
import { Figures } from "./Figures";
import { FirstSteps } from "./FirstSteps";
import { LatestLines } from "./LatestLines";
import styles from "./overview.module.css";
import { overviewQuery } from "./queries";
import { Waiting } from "./Waiting";

export default function OverviewPage() {
  const t = useT();
  const workspace = useWorkspace();
  const seesLedger = useMay("ledger");
  const overview = useQuery(overviewQuery(workspace.id));
  return (
    <>
      <PageHeader title={t("nav.overview")} />
      <Result query={overview} skeleton={<Skeleton />}>
        {(data) => (
          <div className={styles.stack}>
            <Figures overview={data} />
            <Waiting />
            <FirstSteps steps={data.steps} />
            {seesLedger && <LatestLines lines={data.lines} />}
          </div>
        )}
      </Result>
    </>
  );
}

function Skeleton() {
  return (
    <div className={styles.stack}>
      <BlockSkeleton height={142} />
      <BlockSkeleton height={320} />
    </div>
  );
}
