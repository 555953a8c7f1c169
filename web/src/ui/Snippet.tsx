import { type KeyboardEvent, useId, useRef, useState } from "react";

import { highlight } from "@/lib/highlight";
import { useT } from "@/locales";
import { CopyButton } from "./CopyButton";
import styles from "./Snippet.module.css";

interface Sample {
  /** What its tab says: curl, Python. */
  label: string;
  code: string;
}

/** Code with a copy button; several samples become tabs. wrap: long lines break instead of scrolling. */
export function Snippet({ samples, wrap = false }: { samples: readonly Sample[]; wrap?: boolean }) {
  const t = useT();
  const id = useId();
  const [chosen, choose] = useState(0);
  const source = useRef<HTMLPreElement>(null);
  const sample = samples[chosen] ?? samples[0];
  if (sample === undefined) return null;

  const move = (event: KeyboardEvent<HTMLButtonElement>) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const next = (chosen + step + samples.length) % samples.length;
    choose(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <div className={styles.box}>
      <div className={styles.bar}>
        {samples.length === 1 ? (
          <span className={styles.title}>{sample.label}</span>
        ) : (
          <div className={styles.tabs} role="tablist" aria-label={t("snippet.language")}>
            {samples.map((one, index) => (
              <button
                key={one.label}
                id={`${id}-${index}`}
                type="button"
                role="tab"
                className={styles.tab}
                aria-selected={index === chosen}
                aria-controls={`${id}-panel`}
                tabIndex={index === chosen ? 0 : -1}
                onClick={() => {
                  choose(index);
                }}
                onKeyDown={move}
              >
                {one.label}
              </button>
            ))}
          </div>
        )}
        <CopyButton text={sample.code} label={t("snippet.copy", { name: sample.label })} source={source} />
      </div>
      <pre
        ref={source}
        id={`${id}-panel`}
        className={wrap ? `${styles.code} ${styles.wrap}` : styles.code}
        tabIndex={0}
        role={samples.length === 1 ? "group" : "tabpanel"}
        aria-label={sample.label}
      >
        <code>
          {highlight(sample.code).map((span, index) => (
            <span key={index} className={span.kind}>
              {span.text}
            </span>
          ))}
        </code>
      </pre>
    </div>
  );
}
