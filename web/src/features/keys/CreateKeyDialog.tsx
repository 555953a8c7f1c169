import { Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";

import type { Schemas } from "@/api/client";
import { isCancelled } from "@/api/problem";
import { fieldErrors } from "@/lib/fields";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";
import { useWorkspace } from "@/ui/workspace";
import { FoldedLimits, NameField } from "./KeyFields";
import { DEFAULTS, settingsOf } from "./model";
import { useKeyActs } from "./queries";
import { useKeyForm } from "./useKeyForm";

interface CreateKeyDialogProps {
  opened: boolean;
  onClose: () => void;
  onMade: (made: Schemas["KeyMade"]) => void;
}

export function CreateKeyDialog({ opened, onClose, onMade }: CreateKeyDialogProps) {
  const t = useT();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("key.create_title")} size="lg">
      <Form onClose={onClose} onMade={onMade} />
    </Dialog>
  );
}

function Form({ onClose, onMade }: Omit<CreateKeyDialogProps, "opened">) {
  const t = useT();
  const { create } = useKeyActs(useWorkspace().id);
  const form = useKeyForm(DEFAULTS, create.error);
  const [unfolded, setUnfolded] = useState(false);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!form.check()) {
      if (form.hiddenTrouble) setUnfolded(true);
      return;
    }
    create.mutate(settingsOf(form.fields.values, Date.now()), {
      onSuccess: onMade,
      onError: (error) => {
        if (!isCancelled(error) && Object.keys(fieldErrors(error)).some((name) => name !== "name")) setUnfolded(true);
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <NameField {...form.fields} focus />
        <FoldedLimits
          {...form.fields}
          opened={unfolded}
          toggle={() => {
            setUnfolded(!unfolded);
          }}
        />
        <ErrorNotice error={create.error} />
        <FormButtons act={t("key.create")} busy={create.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
