import type { ReactNode } from "react";

import { parse, share } from "@/lib/money";
import styles from "./LimitBar.module.css";

interface LimitBarProps {
  /** Decimal strings of Credits. */
  used: string;
  limit: string;
  /** What is measured, for assistive technology. */
  label: string;
  /** Above the bar: the same in words. */
  children?: ReactNode;
}

const NEARLY = 0.8;

/** How much of a limit is used. The words carry it, the bar only shows it. */
export function LimitBar({ used, limit, label, children }: LimitBarProps) {
  const part = share(parse(used), parse(limit));
  const state = part >= 1 ? "full" : part >= NEARLY ? "near" : "fine";
  return (
    <div className={styles.box}>
      {children && <div className={styles.words}>{children}</div>}
      <div className={styles.track} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(part * 100)}>
        {part > 0 && <div className={styles.fill} data-state={state} style={{ inlineSize: `${part * 100}%` }} />}
      </div>
    </div>
  );
}
