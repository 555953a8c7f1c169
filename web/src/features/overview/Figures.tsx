import { VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";

import { parse, share } from "@/lib/money";
import { clock } from "@/lib/time";
import { Rich, useWords } from "@/locales";
import { Link } from "@/ui/links";
import { Money } from "@/ui/Money";
import { useMay, useWorkspace } from "@/ui/workspace";
import styles from "./overview.module.css";
import type { Overview } from "./queries";

/** What is there, what went today, how often: each opens its page. */
export function Figures({ overview }: { overview: Overview }) {
  const { t, tag } = useWords();
  const { id } = useWorkspace();
  const reset = clock(overview.resets_at, tag);
  return (
    <div className={styles.figures}>
      <Figure
        label={t("overview.available")}
        to={useMay("ledger") ? "/w/$ws/ledger" : undefined}
        ws={id}
        value={<Money value={overview.available} form="short" inert />}
        unit
        hint={
          overview.held === "0" ? (
            t("overview.nothing_held")
          ) : (
            <Rich k="overview.held" values={{ amount: <Money value={overview.held} form="short" rounding="charge" inert unit /> }} />
          )
        }
      />
      <Figure
        label={t("overview.spent")}
        to={useMay("own_usage", "all_usage") ? "/w/$ws/usage" : undefined}
        ws={id}
        value={<Money value={overview.spent_today} form="short" rounding="charge" inert />}
        unit
        hint={
          overview.daily_limit === null ? (
            t("overview.no_limit", { time: reset })
          ) : (
            <Rich k="overview.of_limit" values={{ limit: <Money value={overview.daily_limit} inert />, time: reset }} />
          )
        }
      >
        {overview.daily_limit !== null && <Bar part={overview.spent_today} whole={overview.daily_limit} />}
      </Figure>
      <Figure
        label={t("overview.requests")}
        to={useMay("own_usage", "all_usage") ? "/w/$ws/usage" : undefined}
        ws={id}
        value={new Intl.NumberFormat(tag).format(overview.requests_today)}
        hint={t("overview.requests_hint")}
      />
    </div>
  );
}

interface FigureProps {
  label: string;
  to: "/w/$ws/ledger" | "/w/$ws/usage" | undefined;
  ws: string;
  value: ReactNode;
  unit?: boolean;
  hint: ReactNode;
  children?: ReactNode;
}

function Figure({ label, to, ws, value, unit = false, hint, children }: FigureProps) {
  const content = (
    <>
      <span className={styles.label}>{label}</span>
      <span className={styles.value}>
        {value}
        {unit && <small>Credits</small>}
      </span>
      <span className={styles.hint}>{hint}</span>
      {children}
    </>
  );
  return to === undefined ? (
    <div className={styles.figure}>{content}</div>
  ) : (
    <Link className={styles.figure} to={to} params={{ ws }}>
      {content}
    </Link>
  );
}

function Bar({ part, whole }: { part: string; whole: string }) {
  const { t, tag } = useWords();
  const used = share(parse(part), parse(whole));
  return (
    <span className={styles.bar} data-full={used >= 1}>
      <VisuallyHidden>
        {t("overview.limit_bar")}: {new Intl.NumberFormat(tag, { style: "percent" }).format(used)}
      </VisuallyHidden>
      <span style={{ width: `${used * 100}%` }} aria-hidden />
    </span>
  );
}
