import { Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, ask } from "@/api/client";
import { ApiError } from "@/api/problem";
import { workspacesQuery } from "@/api/queries";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";

const LONGEST_NAME = 80;

interface CreateWorkspaceProps {
  opened: boolean;
  onClose: () => void;
  onCreated: (id: string) => void;
}

export function CreateWorkspace({ opened, onClose, onCreated }: CreateWorkspaceProps) {
  const t = useT();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("workspace.new_title")} size="sm">
      <Form
        onClose={onClose}
        onCreated={(id) => {
          onClose();
          onCreated(id);
        }}
      />
    </Dialog>
  );
}

function Form({ onClose, onCreated }: Omit<CreateWorkspaceProps, "opened">) {
  const t = useT();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => ask(api.POST("/api/workspaces", { body: { name: name.trim() } })),
    onSuccess: async (made) => {
      await client.invalidateQueries(workspacesQuery);
      onCreated(made.id);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "") create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text c="var(--text-2)">{t("workspace.new_text")}</Text>
        <TextInput
          label={t("workspace.name")}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
          maxLength={LONGEST_NAME}
          error={create.error instanceof ApiError ? create.error.field("name") || undefined : undefined}
          data-autofocus
          required
          withAsterisk={false}
        />
        <ErrorNotice error={create.error} />
        <FormButtons act={t("workspace.create")} busy={create.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
