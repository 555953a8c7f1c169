import { Button, NativeSelect, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ask } from "@/api/client";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Section } from "@/ui/Section";
import { toast } from "@/ui/toast";
import { ActDialog } from "../ActDialog";
import { useStaffMay } from "../session";
import { type ConsoleTicket, KEY, staffQuery } from "./queries";

const NOBODY = "nobody";

/** Whose the request is: take it, give it to somebody, give it back. */
export function Assignee({ ticket }: { ticket: ConsoleTicket }) {
  const t = useT();
  const client = useQueryClient();
  const may = useStaffMay("tickets");
  const people = useQuery(staffQuery).data ?? [];
  const [to, setTo] = useState("");
  const assign = async (assignee: string | null, reason: string) => {
    const body = { assignee, expected: ticket.assignee, reason };
    const done = await ask(api.POST("/api/console/tickets/{ticket}/assign", { params: { path: { ticket: ticket.id } }, body }));
    await client.invalidateQueries({ queryKey: KEY });
    return done;
  };
  const take = useMutation({
    // To take is its own reason; to give is not.
    mutationFn: () => assign("me", "taken from the queue"),
    onSuccess: (done) => {
      toast(t("console.done", { done: t("console_support.taken"), row: String(done.audit_seq) }));
    },
    onError: () => client.invalidateQueries({ queryKey: KEY }),
  });
  const chosen = people.find((one) => one.id === to)?.name ?? "";
  return (
    <Section title={t("console_support.assignee")}>
      <Stack gap="sm">
        <NativeSelect
          label={t("console_support.whose")}
          disabled={!may}
          value={ticket.assignee ?? NOBODY}
          onChange={(event) => {
            setTo(event.currentTarget.value);
          }}
          data={[
            { value: NOBODY, label: t("console_support.nobody") },
            ...people.map((one) => ({ value: one.id, label: one.name })),
            ...(ticket.assignee !== null && !people.some((one) => one.id === ticket.assignee) ? [{ value: ticket.assignee, label: ticket.assignee_name ?? ticket.assignee }] : []),
          ]}
        />
        {may && !ticket.mine && (
          <Button
            variant="default"
            loading={take.isPending}
            onClick={() => {
              take.mutate();
            }}
          >
            {t("console_support.take")}
          </Button>
        )}
        <ErrorNotice error={take.error} />
      </Stack>
      <ActDialog
        opened={to !== ""}
        onClose={() => {
          setTo("");
        }}
        title={to === NOBODY ? t("console_support.give_back_title") : t("console_support.give_title", { name: chosen })}
        verb={t(to === NOBODY ? "console_support.give_back" : "console_support.give")}
        onConfirm={({ reason = "" }) => assign(to === NOBODY ? null : to, reason)}
        done={t("console_support.given")}
      />
    </Section>
  );
}
