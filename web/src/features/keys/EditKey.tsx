import { Button, Group, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { toast } from "@/ui/toast";
import { useWorkspace } from "@/ui/workspace";
import { LimitFields, NameField } from "./KeyFields";
import { type KeyRow, settingsOf, valuesOfKey } from "./model";
import { useKeyActs } from "./queries";
import { useKeyForm } from "./useKeyForm";

/** Name and limits of a key; what is saved holds for its next request. */
export function EditKey({ row }: { row: KeyRow }) {
  const t = useT();
  const [editing, setEditing] = useState(false);
  if (!editing) {
    return (
      <Button
        variant="default"
        onClick={() => {
          setEditing(true);
        }}
      >
        {t("key.edit")}
      </Button>
    );
  }
  return (
    <Form
      row={row}
      onDone={() => {
        setEditing(false);
      }}
    />
  );
}

function Form({ row, onDone }: { row: KeyRow; onDone: () => void }) {
  const t = useT();
  const { change } = useKeyActs(useWorkspace().id);
  // What the key was when the form opened: a refresh in between must not change what is typed.
  const [initial] = useState(() => valuesOfKey(row));
  const form = useKeyForm(initial, change.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!form.check()) return;
    change.mutate(
      { key: row.id, body: settingsOf(form.fields.values, Date.now()) },
      {
        onSuccess: () => {
          toast(t("key.saved"));
          onDone();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate style={{ maxWidth: "40rem" }}>
      <Stack gap="md">
        <NameField {...form.fields} />
        <LimitFields {...form.fields} />
        <ErrorNotice error={change.error} />
        <Group gap="xs">
          <Button type="submit" loading={change.isPending}>
            {t("key.save")}
          </Button>
          <Button variant="default" onClick={onDone}>
            {t("confirm.cancel")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
