import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

import styles from "./frame.module.css";

interface BannerProps {
  kind: "quiet" | "warn" | "bad" | "stop";
  icon: Icon;
  /** At its end: what makes it go away. */
  action?: ReactNode;
  children: ReactNode;
}

/** A line under the top bar of every page. */
export function Banner({ kind, icon: Picture, action, children }: BannerProps) {
  return (
    <div className={styles.banner} data-kind={kind} role={kind === "stop" ? "alert" : "status"}>
      <Picture size={20} stroke={1.5} aria-hidden />
      <p>{children}</p>
      {action}
    </div>
  );
}
