import { UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useId, useState } from "react";

import { duration } from "@/lib/time";
import { useWords } from "@/locales";
import { Money } from "@/ui/Money";
import { CostDetails } from "./CostDetails";
import styles from "./message.module.css";
import { sumOf, tokensOf } from "./totals";
import type { Message, Model } from "./types";

/** model · tokens · cost · time of an answer and what continues it; opens what it is made of. */
export function Cost({ parts, models }: { parts: readonly Message[]; models: readonly Model[] }) {
  const { t, tag } = useWords();
  const [open, setOpen] = useState(false);
  const id = useId();
  const answers = parts.flatMap((part) => (part.answer === null ? [] : [part.answer]));
  const model = answers.at(-1)?.model ?? answers.at(-1)?.wanted_model ?? "";
  const counted = parts.map(tokensOf).filter((count) => count !== null);
  const time = answers.reduce((sum, answer) => sum + (answer.duration_ms ?? 0), 0);
  const known = answers.some((answer) => answer.charge !== null);
  const requests = answers.flatMap((answer) => (answer.request === null ? [] : [answer.request]));
  const facts = (
    <>
      <span>{models.find((one) => one.id === model)?.name ?? model}</span>
      {counted.length > 0 && <span>{t("chat.tokens", { count: counted.reduce((sum, count) => sum + count, 0) })}</span>}
      {known && (
        <b>
          <Money value={sumOf(answers.map((answer) => answer.charge))} form="short" rounding="charge" unit inert />
        </b>
      )}
      {answers.some((answer) => answer.estimated) && <span>{t("usage.estimated")}</span>}
      {time > 0 && <span>{duration(time, tag)}</span>}
    </>
  );
  if (requests.length === 0) return <span className={styles.cost}>{facts}</span>;
  return (
    <>
      <UnstyledButton
        className={styles.cost}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => {
          setOpen(!open);
        }}
      >
        <span className="visually-hidden">{t("chat.cost")}</span>
        {facts}
        <IconChevronDown size={14} stroke={1.5} aria-hidden />
      </UnstyledButton>
      <div id={id} className={styles.details} hidden={!open}>
        {open && requests.map((request) => <CostDetails key={request} request={request} />)}
      </div>
    </>
  );
}
