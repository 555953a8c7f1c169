import { type Key, useT } from "@/locales";
import type { Category } from "./model";
import styles from "./support.module.css";

/** Of each category, the questions that are asked most. */
const QUESTIONS: Record<Category, readonly string[]> = {
  billing: ["credits", "transfer", "refund"],
  api_error: ["error", "charged"],
  model_quality: ["model"],
  account: ["sign_in", "frozen"],
  other: ["answer"],
};

/** Answers offered first: one may be enough. */
export function Answers({ category }: { category: Category }) {
  const say = useT() as (key: Key) => string;
  return (
    <div className={styles.answers}>
      <p>{say("support.first")}</p>
      {QUESTIONS[category].map((name) => (
        <details key={name} name="support-answers">
          <summary>{say(`support.q_${name}` as Key)}</summary>
          <p>{say(`support.a_${name}` as Key)}</p>
        </details>
      ))}
    </div>
  );
}
