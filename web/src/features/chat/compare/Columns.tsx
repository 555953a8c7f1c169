import { useMediaQuery } from "@mantine/hooks";
import { type KeyboardEvent, useId, useState } from "react";

import { useT } from "@/locales";
import type { Conversation } from "../conversation";
import type { Message, Model } from "../types";
import { Column } from "./Column";
import { tabAfter } from "./compare";
import styles from "./compare.module.css";

interface ColumnsProps {
  answers: readonly Message[];
  conversation: Conversation;
  models: readonly Model[];
  onContinue: (message: Message) => void;
}

/** Answers side by side; where there is no room, one at a time behind tabs. */
export function Columns({ answers, conversation, models, onContinue }: ColumnsProps) {
  const t = useT();
  const id = useId();
  const narrow = useMediaQuery("(max-width: 800px)") ?? false;
  const [chosen, choose] = useState(0);
  const shown = Math.min(chosen, answers.length - 1);
  const nameOf = (message: Message) => {
    const model = message.answer?.wanted_model ?? message.answer?.model ?? "";
    return models.find((one) => one.id === model)?.name ?? model;
  };
  const move = (event: KeyboardEvent) => {
    const next = tabAfter(event.key, shown, answers.length);
    if (next === null) return;
    event.preventDefault();
    choose(next);
    document.getElementById(`${id}-tab-${next}`)?.focus();
  };
  return (
    <div>
      {narrow && (
        <div className={styles.tabs} role="tablist" aria-label={t("compare.answers")}>
          {answers.map((message, index) => (
            <button
              key={message.id}
              id={`${id}-tab-${index}`}
              type="button"
              role="tab"
              className={styles.tab}
              aria-selected={index === shown}
              aria-controls={`${id}-${index}`}
              tabIndex={index === shown ? 0 : -1}
              onKeyDown={move}
              onClick={() => {
                choose(index);
              }}
            >
              {nameOf(message)}
            </button>
          ))}
        </div>
      )}
      <div className={narrow ? styles.one : styles.columns} data-count={answers.length}>
        {answers.map((message, index) => (
          <section
            key={message.id}
            id={`${id}-${index}`}
            className={styles.column}
            hidden={narrow && index !== shown}
            {...(narrow ? { role: "tabpanel", "aria-labelledby": `${id}-tab-${index}` } : { "aria-label": nameOf(message) })}
          >
            <Column message={message} name={nameOf(message)} conversation={conversation} models={models} onContinue={onContinue} />
          </section>
        ))}
      </div>
    </div>
  );
}
