import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { type Key, useT } from "@/locales";
import { Result } from "@/ui/Result";
import { BlockSkeleton } from "@/ui/skeletons";
import { TimeAgo } from "@/ui/TimeAgo";
import { useAddress } from "@/ui/useAddress";
import { ConsoleHeader } from "../ConsoleHeader";
import styles from "./dashboard.module.css";
import { Figures } from "./Figures";
import { PERIODS, periodOf, USUAL } from "./model";
import { Opens } from "./Opens";
import { Plots } from "./Plots";
import { type Board, dashboardQuery } from "./queries";
import { Models, Proof, Providers, Waiting } from "./Tables";

/** The state of the installation on one page. The period stands in the address. */
export default function Dashboard() {
  const t = useT();
  const say = t as (key: Key) => string;
  const address = useAddress();
  const period = periodOf(address.value("days"));
  const board = useQuery(dashboardQuery(period));
  return (
    <>
      <ConsoleHeader
        title={t("console_dashboard.title")}
        lead={t("console_dashboard.lead")}
        actions={
          <SegmentedControl
            size="sm"
            aria-label={t("console_dashboard.period")}
            value={period}
            data={PERIODS.map((value) => ({ value, label: say(`console_dashboard.days.${value}` as Key) }))}
            onChange={(value) => {
              address.set({ days: value === USUAL ? "" : value });
            }}
          />
        }
      />
      <Result query={board} skeleton={<BlockSkeleton height={640} />}>
        {(shown) => (
          <div className={styles.stack}>
            <Stops board={shown} />
            <Figures board={shown} dimmed={board.isPlaceholderData} />
            <div className={styles.halves}>
              <Waiting board={shown} />
              <Proof board={shown} />
            </div>
            <Plots board={shown} />
            <Providers board={shown} />
            <Models board={shown} />
          </div>
        )}
      </Result>
    </>
  );
}

function Stops({ board }: { board: Board }) {
  const t = useT();
  if (board.stops.length === 0) return null;
  return (
    <div className={styles.stops} role="status">
      <strong>
        <Opens path="stop">{t("console_dashboard.stopped")}</Opens>
      </strong>
      <ul>
        {board.stops.map((stop) => (
          <li key={stop.scope}>
            {stop.scope}: {stop.reason} · <TimeAgo moment={stop.since} />
          </li>
        ))}
      </ul>
    </div>
  );
}
