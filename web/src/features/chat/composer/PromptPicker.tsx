import { Button, Textarea, TextInput, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type Prompt, promptsQuery } from "@/api/chats";
import { filled, variablesOf } from "@/lib/variables";
import { useT } from "@/locales";
import { AnchorLink } from "@/ui/links";
import styles from "./setup.module.css";

interface PromptPickerProps {
  workspace: string;
  onInsert: (text: string) => void;
}

/** Prompts that were kept: search, pick one, fill in its variables. It goes into the field and is not sent. */
export function PromptPicker({ workspace, onInsert }: PromptPickerProps) {
  const t = useT();
  const prompts = useQuery(promptsQuery(workspace)).data ?? [];
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<Prompt | null>(null);
  if (chosen !== null) {
    return (
      <Variables
        prompt={chosen}
        onBack={() => {
          setChosen(null);
        }}
        onInsert={onInsert}
      />
    );
  }
  const words = search.toLowerCase();
  const shown = prompts.filter((one) => `${one.name} ${one.text}`.toLowerCase().includes(words));
  return (
    <div className={styles.prompts}>
      <TextInput
        data-autofocus
        aria-label={t("composer.prompts.search")}
        placeholder={t("composer.prompts.search")}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
        }}
      />
      {shown.length === 0 && <p className={styles.none}>{prompts.length === 0 ? t("composer.prompts.empty") : t("composer.prompts.none")}</p>}
      {shown.length > 0 && (
        <ul className={styles.list}>
          {shown.map((prompt) => (
            <li key={prompt.id}>
              <UnstyledButton
                className={styles.prompt}
                onClick={() => {
                  if (variablesOf(prompt.text).length === 0) onInsert(prompt.text);
                  else setChosen(prompt);
                }}
              >
                <strong>{prompt.name}</strong>
                <span>{prompt.text}</span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
      <AnchorLink to="/w/$ws/chat/prompts" params={{ ws: workspace }} className={styles.hint}>
        {t("composer.prompts.manage")}
      </AnchorLink>
    </div>
  );
}

function Variables({ prompt, onBack, onInsert }: { prompt: Prompt; onBack: () => void; onInsert: (text: string) => void }) {
  const t = useT();
  const names = variablesOf(prompt.text);
  const [values, setValues] = useState<Record<string, string>>({});
  return (
    <form
      className={styles.prompts}
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        onInsert(filled(prompt.text, values));
      }}
    >
      <strong>{prompt.name}</strong>
      {names.map((name, place) => (
        <Textarea
          key={name}
          label={name}
          autosize
          minRows={1}
          maxRows={6}
          autoFocus={place === 0}
          value={values[name] ?? ""}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setValues((before) => ({ ...before, [name]: value }));
          }}
        />
      ))}
      <div className={styles.back}>
        <Button variant="default" onClick={onBack}>
          {t("composer.prompts.back")}
        </Button>
        <Button type="submit">{t("composer.prompts.insert")}</Button>
      </div>
    </form>
  );
}
