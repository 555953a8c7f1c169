import { useMemo } from "react";

import styles from "./formula.module.css";
import { later, useLater } from "./useLater";

const engine = later(() => import("./formula"));

/** Math, or the source of what cannot be read. display: on a line of its own. */
export function Formula({ tex, display }: { tex: string; display: boolean }) {
  const loaded = useLater(engine);
  const drawn = useMemo(() => loaded?.formula(tex, display) ?? null, [loaded, tex, display]);
  if (drawn === null) return display ? <pre className={styles.source}>{tex}</pre> : <code>{tex}</code>;
  return display ? (
    <div className={styles.display} tabIndex={0} role="group" aria-label={tex}>
      {drawn}
    </div>
  ) : (
    <span className={styles.line}>{drawn}</span>
  );
}
