import { Stack, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";

import type { Prompt } from "@/api/chats";
import { fieldErrors } from "@/lib/fields";
import { variablesOf } from "@/lib/variables";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";
import { NameField } from "@/ui/NameField";
import { toast } from "@/ui/toast";
import { useHeld } from "@/ui/useHeld";
import styles from "./keep.module.css";
import { usePromptActs } from "./queries";

interface PromptDialogProps {
  workspace: string;
  /** null: closed. */
  edited: Prompt | "new" | null;
  onClose: () => void;
}

export function PromptDialog({ workspace, edited, onClose }: PromptDialogProps) {
  const t = useT();
  const held = useHeld(edited);
  return (
    <Dialog opened={edited !== null} onClose={onClose} title={t(held === "new" ? "keep.prompt_new" : "keep.prompt_edit")} size="lg">
      {held !== null && <Form workspace={workspace} prompt={held === "new" ? null : held} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ workspace, prompt, onClose }: { workspace: string; prompt: Prompt | null; onClose: () => void }) {
  const t = useT();
  const { create, change } = usePromptActs(workspace);
  const [name, setName] = useState(prompt?.name ?? "");
  const [text, setText] = useState(prompt?.text ?? "");
  const act = prompt === null ? create : change;
  const wrong = fieldErrors(act.error);
  const variables = variablesOf(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { name: name.trim(), text };
    if (body.name === "" || text.trim() === "") return;
    const done = {
      onSuccess: () => {
        toast(t("keep.saved"));
        onClose();
      },
    };
    if (prompt === null) create.mutate(body, done);
    else change.mutate({ prompt: prompt.id, body }, done);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <NameField value={name} error={wrong.name} onChange={setName} />
        <Textarea
          label={t("keep.prompt_text")}
          description={t("keep.prompt_hint", { sample: "{{language}}" })}
          required
          autosize
          minRows={6}
          maxRows={18}
          value={text}
          error={wrong.text}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
        />
        <p className={styles.marks} role="status">
          {variables.length === 0 ? t("keep.no_variables") : t("keep.variables")}
          {variables.map((one) => (
            <code key={one}>{one}</code>
          ))}
        </p>
        {Object.keys(wrong).length === 0 && <ErrorNotice error={act.error} />}
        <FormButtons act={t(prompt === null ? "keep.prompt_create" : "shelf.save")} busy={act.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
