import { useEffect, useState } from "react";

import { api, ask } from "@/api/client";
import { askToOpen } from "@/api/consoleDoor";
import { useT } from "@/locales";
import styles from "./console.module.css";
import { type Phase, phaseOf } from "./idle";

const TICK_MS = 10_000;
const USE = ["pointerdown", "keydown", "wheel", "touchstart"] as const;

/** Says when the console is about to close, and closes it when nobody has touched it for 15 minutes. */
export function IdleWatch() {
  const t = useT();
  const [phase, setPhase] = useState<Phase>("used");
  useEffect(() => {
    let last = Date.now();
    let closing = false;
    const use = () => {
      last = Date.now();
      setPhase("used");
    };
    const tick = setInterval(() => {
      const now = phaseOf((Date.now() - last) / 1000);
      setPhase(now);
      if (now !== "over" || closing) return;
      closing = true;
      void ask(api.DELETE("/api/console/session"))
        .catch(() => undefined)
        .then(askToOpen)
        .finally(() => {
          closing = false;
          use();
        });
    }, TICK_MS);
    for (const event of USE) addEventListener(event, use, { passive: true });
    return () => {
      clearInterval(tick);
      for (const event of USE) removeEventListener(event, use);
    };
  }, []);
  return phase === "warn" ? (
    <p role="status" className={styles.idle}>
      {t("console.idle")}
    </p>
  ) : null;
}
