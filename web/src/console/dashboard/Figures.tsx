import type { ReactNode } from "react";

import { parse } from "@/lib/money";
import { useWords } from "@/locales";
import { Money } from "@/ui/Money";
import styles from "./dashboard.module.css";
import { signed } from "./model";
import { Opens } from "./Opens";
import type { Board } from "./queries";

/** The period and the present in numbers; each opens its list. */
export function Figures({ board, dimmed }: { board: Board; dimmed: boolean }) {
  const { t, tag } = useWords();
  const count = new Intl.NumberFormat(tag);
  const share = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 });
  const { money } = board;
  const credits = (value: string) => (
    <>
      <Money value={value} form="short" /> <small>Credits</small>
    </>
  );
  return (
    <ul className={styles.figures} data-dimmed={dimmed} aria-label={t("console_dashboard.figures")}>
      {money && (
        <>
          <Figure label={<Opens path="recharges" search={{ state: "all" }}>{t("console_dashboard.recharged")}</Opens>} value={credits(money.recharged)} />
          <Figure label={<Opens path="models">{t("console_dashboard.charged")}</Opens>} value={credits(money.charged)} />
          <Figure label={<Opens path="providers">{t("console_dashboard.provider_cost")}</Opens>} value={credits(money.provider_cost)} />
          <Figure
            label={<Opens path="models" search={(board.below_cost ?? 0) > 0 ? { state: "below_cost" } : undefined}>{t("console_dashboard.margin")}</Opens>}
            value={<span className={parse(money.margin) < 0n ? styles.loss : undefined}>{credits(money.margin)}</span>}
            note={
              <>
                {money.margin_percent !== null && signed(money.margin_percent)}
                {(board.below_cost ?? 0) > 0 && <span className={styles.loss}> {t("console_dashboard.below_cost", { count: board.below_cost ?? 0 })}</span>}
              </>
            }
          />
        </>
      )}
      <Figure
        label={<Opens path="providers">{t("console_dashboard.requests")}</Opens>}
        value={count.format(board.requests)}
        note={board.requests > 0 && t("console_dashboard.failed", { share: share.format(board.errors / board.requests) })}
      />
      <Figure
        label={<Opens path="workspaces">{t("console_dashboard.active_workspaces")}</Opens>}
        value={count.format(board.active_workspaces)}
        note={<Opens path="users">{t("console_dashboard.people", { count: board.active_people })}</Opens>}
      />
      <Figure
        label={t("console_dashboard.holds")}
        value={count.format(board.running)}
        note={board.held !== null && credits(board.held)}
      />
    </ul>
  );
}

function Figure({ label, value, note }: { label: ReactNode; value: ReactNode; note?: ReactNode }) {
  return (
    <li className={styles.figure}>
      <span className={styles.label}>{label}</span>
      <span className={styles.value}>{value}</span>
      {note && <span className={styles.note}>{note}</span>}
    </li>
  );
}
