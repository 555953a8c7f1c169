import type { Step } from "@/api/payments";
import { absolute } from "@/lib/time";
import { type Key, useWords } from "@/locales";
import styles from "./Timeline.module.css";
import { useZone } from "./zone";

interface TimelineProps {
  steps: readonly Step[];
  /** What it is called, for assistive technology. */
  label: string;
  /** The step's name in words; undefined where there are none. */
  word: (step: string) => Key | undefined;
}

/** What happened, in order, and by whom; the newest last, where the state is. */
export function Timeline({ steps, label, word }: TimelineProps) {
  const { t, tag } = useWords();
  const zone = useZone();
  const say = t as (key: Key) => string;
  return (
    <ol className={styles.timeline} aria-label={label}>
      {steps.map((step, index) => {
        const key = word(step.step);
        return (
          <li key={index} data-current={index === steps.length - 1}>
            <span className={styles.mark} aria-hidden />
            <p className={styles.name}>{key === undefined ? step.step.replaceAll("_", " ") : say(key)}</p>
            <p className={styles.meta}>
              <time dateTime={step.at}>{absolute(step.at, tag, zone)}</time> · {say(`payment.by_${step.actor}`)}
            </p>
            {step.note !== "" && <p className={styles.note}>{step.note}</p>}
          </li>
        );
      })}
    </ol>
  );
}
