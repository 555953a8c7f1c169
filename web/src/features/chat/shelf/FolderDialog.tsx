import { Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { fieldErrors } from "@/lib/fields";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";
import { NameField } from "@/ui/NameField";
import { SystemPromptField } from "@/ui/SystemPromptField";
import { type Folder, useFolderActs } from "./queries";

interface FolderDialogProps {
  workspace: string;
  opened: boolean;
  /** null: a new one. */
  folder: Folder | null;
  onClose: () => void;
  /** After a new one was made. */
  onMade?: (folder: Folder) => void;
}

/** The name of a folder, and what new chats in it begin with. */
export function FolderDialog(props: FolderDialogProps) {
  const t = useT();
  return (
    <Dialog opened={props.opened} onClose={props.onClose} title={t(props.folder === null ? "shelf.folder_new" : "shelf.folder_edit")}>
      <Form {...props} />
    </Dialog>
  );
}

function Form({ workspace, folder, onClose, onMade }: FolderDialogProps) {
  const t = useT();
  const { create, change } = useFolderActs(workspace);
  const [name, setName] = useState(folder?.name ?? "");
  const [prompt, setPrompt] = useState(folder?.system_prompt ?? "");
  const act = folder === null ? create : change;
  const wrong = fieldErrors(act.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The dialog may stand in a page that has a form of its own.
    event.stopPropagation();
    const body = { name: name.trim(), system_prompt: prompt };
    if (body.name === "") return;
    if (folder === null) {
      create.mutate(body, {
        onSuccess: (made) => {
          onClose();
          onMade?.(made);
        },
      });
    } else change.mutate({ folder: folder.id, body }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <NameField value={name} error={wrong.name} onChange={setName} />
        <SystemPromptField label={t("shelf.folder_prompt")} description={t("shelf.folder_prompt_text")} value={prompt} error={wrong.system_prompt} onChange={setPrompt} />
        {Object.keys(wrong).length === 0 && <ErrorNotice error={act.error} />}
        <FormButtons act={t(folder === null ? "shelf.folder_create" : "shelf.save")} busy={act.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
