import { type Key, useT } from "@/locales";
import { TimeAgo } from "@/ui/TimeAgo";
import styles from "@/ui/Timeline.module.css";

interface Step {
  at: string;
  step: string;
  actor: string;
  note: string;
}

interface HistoryProps {
  steps: readonly Step[];
  label: string;
  /** The name of a step; without one it is shown as it is stored. */
  word: (step: string) => Key | undefined;
}

/** What happened, in order, and by whom: the customer's timeline as staff read it. */
export function History({ steps, label, word }: HistoryProps) {
  const say = useT() as (key: Key) => string;
  return (
    <ol className={styles.timeline} aria-label={label}>
      {steps.map((step, index) => {
        const key = word(step.step);
        return (
          <li key={index} data-current={index === steps.length - 1}>
            <span className={styles.mark} aria-hidden />
            <p className={styles.name}>{key === undefined ? step.step.replaceAll("_", " ") : say(key)}</p>
            <p className={styles.meta}>
              <TimeAgo moment={step.at} /> · {say(`console.by_${step.actor}` as Key)}
            </p>
            {step.note !== "" && <p className={styles.note}>{step.note}</p>}
          </li>
        );
      })}
    </ol>
  );
}
