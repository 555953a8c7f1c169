import { Button, Textarea } from "@mantine/core";
import { useState } from "react";

import { composing } from "@/lib/keystroke";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { ModelsPicker } from "../composer/ModelPicker";
import type { Model } from "../types";
import { useAct } from "../useAct";
import { FEWEST, MOST } from "./compare";
import styles from "./compare.module.css";

interface AskProps {
  models: readonly Model[];
  /** The models of the last comparison. */
  initial: readonly string[];
  onAsk: (content: string, models: string[]) => Promise<void>;
}

/** One prompt, and the models that answer it. It stays when nothing was sent. */
export function Ask({ models, initial, onAsk }: AskProps) {
  const t = useT();
  const [chosen, choose] = useState([...initial]);
  const [text, setText] = useState("");
  const act = useAct();
  const ready = text.trim() !== "" && chosen.length >= FEWEST && chosen.length <= MOST && !act.busy;
  const send = () => {
    if (ready) void act.run(() => onAsk(text, chosen));
  };
  return (
    <form
      className={styles.ask}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div>
        <span className={styles.label}>{t("compare.models")}</span>
        <ModelsPicker models={models} values={chosen} onChange={choose} most={MOST} />
      </div>
      <Textarea
        label={t("compare.prompt")}
        autosize
        minRows={3}
        maxRows={14}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (composing(event.nativeEvent) || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          send();
        }}
      />
      <ErrorNotice error={act.error} />
      <div className={styles.send}>
        <span className={styles.hint}>{t("compare.costs", { count: chosen.length })}</span>
        <Button type="submit" loading={act.busy} disabled={!ready && !act.busy}>
          {t("chat.send")}
        </Button>
      </div>
    </form>
  );
}
