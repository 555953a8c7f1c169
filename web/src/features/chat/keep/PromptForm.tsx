import { Stack, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";

import type { Prompt } from "@/api/chats";
import { fieldErrors } from "@/lib/fields";
import { variablesOf } from "@/lib/variables";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";
import { NameField } from "@/ui/NameField";
import { toast } from "@/ui/toast";
import styles from "./keep.module.css";
import type { FormProps } from "./Kept";
import { usePromptActs } from "./queries";

export function PromptForm({ workspace, kept: prompt, onClose }: FormProps<Prompt>) {
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
