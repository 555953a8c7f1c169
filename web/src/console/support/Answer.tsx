import { Button, NativeSelect, SegmentedControl, Stack, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, ask } from "@/api/client";
import { fieldErrors } from "@/lib/fields";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { useStaffMay } from "../session";
import { cannedQuery, type ConsoleTicket, KEY } from "./queries";
import styles from "./support.module.css";

/** The next word of staff: to the customer, or to one another. */
export function Answer({ ticket }: { ticket: ConsoleTicket }) {
  const may = useStaffMay("tickets");
  return may ? <Form ticket={ticket} /> : null;
}

function Form({ ticket }: { ticket: ConsoleTicket }) {
  const t = useT();
  const client = useQueryClient();
  const canned = useQuery(cannedQuery);
  const [internal, setInternal] = useState(false);
  const [text, setText] = useState("");
  const send = useMutation({
    mutationFn: (body: { text: string; internal: boolean }) => ask(api.POST("/api/console/tickets/{ticket}/messages", { params: { path: { ticket: ticket.id } }, body })),
    onSuccess: async (done) => {
      setText("");
      toast(t("console.done", { done: t(internal ? "console_support.noted" : "console_support.replied"), row: String(done.audit_seq) }));
      await client.invalidateQueries({ queryKey: KEY });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "") send.mutate({ text, internal });
  };
  return (
    <Section title={t("console_support.answer")} text={t(internal ? "console_support.note_text" : "console_support.reply_text")}>
      <form onSubmit={submit} noValidate className={internal ? styles.noting : undefined}>
        <Stack gap="md">
          <div className={styles.tools}>
            <SegmentedControl
              aria-label={t("console_support.to")}
              value={internal ? "note" : "reply"}
              onChange={(value) => {
                setInternal(value === "note");
              }}
              data={[
                { value: "reply", label: t("console_support.reply") },
                { value: "note", label: t("console_support.note") },
              ]}
            />
            {!internal && (
              <NativeSelect
                aria-label={t("console_support.canned")}
                value=""
                onChange={(event) => {
                  const chosen = canned.data?.find((one) => one.name === event.currentTarget.value);
                  if (chosen) setText((before) => (before.trim() === "" ? chosen.text : `${before.trimEnd()}\n\n${chosen.text}`));
                }}
                data={[{ value: "", label: t("console_support.canned") }, ...(canned.data ?? []).map((one) => one.name)]}
              />
            )}
          </div>
          <Textarea
            label={t(internal ? "console_support.note" : "support.message")}
            value={text}
            autosize
            minRows={4}
            maxRows={18}
            onChange={(event) => {
              setText(event.currentTarget.value);
            }}
            error={fieldErrors(send.error).text}
          />
          <ErrorNotice error={send.error} />
          <div className={styles.end}>
            <Button type="submit" loading={send.isPending} disabled={text.trim() === ""}>
              {t(internal ? "console_support.send_note" : "console_support.send_reply")}
            </Button>
          </div>
        </Stack>
      </form>
    </Section>
  );
}
