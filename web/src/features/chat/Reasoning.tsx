import { IconChevronRight } from "@tabler/icons-react";
import { useEffect, useId, useState } from "react";

import { useT } from "@/locales";
import { Money } from "@/ui/Money";
import { Markdown } from "./markdown/Markdown";
import styles from "./reasoning.module.css";

export interface ReasoningProps {
  text: string;
  /** The model is still thinking. */
  streaming: boolean;
  /** How long it thought; null: not known yet. */
  milliseconds: number | null;
  tokens: number | null;
  /** Credits for the thinking alone; null: not known. */
  charge: string | null;
}

/** What a model thought before it answered, closed at first. */
export function Reasoning({ text, streaming, milliseconds, tokens, charge }: ReasoningProps) {
  const t = useT();
  const id = useId();
  const [open, setOpen] = useState(false);
  const running = useSeconds(streaming && milliseconds === null);
  if (text === "" && !streaming) return null;
  const seconds = milliseconds === null ? null : Math.max(1, Math.round(milliseconds / 1000));
  return (
    <div className={styles.box}>
      <button
        type="button"
        className={styles.head}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => {
          setOpen(!open);
        }}
      >
        <IconChevronRight size={16} stroke={1.5} aria-hidden className={styles.arrow} />
        <span>
          {streaming ? t("reasoning.running", { count: seconds ?? running }) : seconds === null ? t("reasoning.done_some") : t("reasoning.done", { count: seconds })}
          {!streaming && tokens !== null && tokens > 0 && <> · {t("reasoning.tokens", { count: tokens })}</>}
          {!streaming && charge !== null && (
            <>
              {" · "}
              <Money value={charge} form="short" rounding="charge" unit inert />
            </>
          )}
        </span>
      </button>
      <div id={id} hidden={!open} className={styles.text}>
        {open && <Markdown text={text} streaming={streaming} />}
      </div>
    </div>
  );
}

/** Count the seconds while something runs. */
function useSeconds(running: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (!running) return;
    const start = Date.now();
    const timer = setInterval(() => {
      setSeconds(Math.round((Date.now() - start) / 1000));
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, [running]);
  return seconds;
}
