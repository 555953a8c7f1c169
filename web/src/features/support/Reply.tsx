import { Button, Stack, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Section } from "@/ui/Section";
import { Files, type Picked, ready } from "./Files";
import type { useTicketActs } from "./queries";
import styles from "./support.module.css";

interface ReplyProps {
  workspace: string;
  answer: ReturnType<typeof useTicketActs>["answer"];
  solved: boolean;
}

/** The next word of the customer. */
export function Reply({ workspace, answer, solved }: ReplyProps) {
  const t = useT();
  const [text, setText] = useState("");
  const [files, setFiles] = useState<readonly Picked[]>([]);
  const errors = fieldErrors(answer.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "" || !ready(files)) return;
    answer.mutate(
      { text, attachments: files.flatMap((file) => (file.upload ? [file.upload.id] : [])) },
      {
        onSuccess: () => {
          setText("");
          setFiles([]);
        },
      },
    );
  };
  return (
    <Section title={t("support.reply")} text={solved ? t("support.reply_reopens") : undefined}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <Textarea
            label={t("support.message")}
            value={text}
            autosize
            minRows={3}
            maxRows={16}
            onChange={(event) => {
              setText(event.currentTarget.value);
            }}
            error={errors.text}
          />
          <Files workspace={workspace} files={files} onChange={setFiles} />
          <ErrorNotice error={answer.error} />
          <div className={styles.end}>
            <Button type="submit" loading={answer.isPending} disabled={text.trim() === "" || !ready(files)}>
              {t("support.send_message")}
            </Button>
          </div>
        </Stack>
      </form>
    </Section>
  );
}
