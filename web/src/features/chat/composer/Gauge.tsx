import { useWords } from "@/locales";
import styles from "./composer.module.css";
import type { Gauge as Reading } from "./estimating";

/** How much of the model's context the next message fills: a bar, and the numbers in words. */
export function Gauge({ reading }: { reading: Reading }) {
  const { t, tag } = useWords();
  const count = (tokens: number) => new Intl.NumberFormat(tag, { notation: "compact", maximumFractionDigits: 1 }).format(tokens);
  const words = t("composer.context", { used: count(reading.used), limit: count(reading.limit) });
  return (
    <span className={styles.gauge} data-full={reading.full}>
      <span className={styles.track} role="meter" aria-label={t("composer.context.label")} aria-valuemin={0} aria-valuemax={reading.limit} aria-valuenow={Math.min(reading.used, reading.limit)} aria-valuetext={words}>
        <span style={{ inlineSize: `${Math.max(2, Math.round(reading.part * 100))}%` }} />
      </span>
      <span className={styles.count} aria-hidden>
        {words}
      </span>
    </span>
  );
}
