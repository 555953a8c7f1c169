import { Select, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";

import type { Schemas } from "@/api/client";
import { useT } from "@/locales";
import { Dialog } from "@/ui/Dialog";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";
import { useWorkspace } from "@/ui/workspace";
import type { KeyRow } from "./model";
import { useKeyActs } from "./queries";

interface RotateDialogProps {
  row: KeyRow;
  opened: boolean;
  onClose: () => void;
  onMade: (made: Schemas["KeyMade"]) => void;
}

const HOURS = [0, 1, 24, 72, 168] as const;
const DEFAULT_HOURS = 24;

export function RotateDialog({ opened, onClose, ...rest }: RotateDialogProps) {
  const t = useT();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("key.rotate_title", { name: rest.row.name })}>
      <Form onClose={onClose} {...rest} />
    </Dialog>
  );
}

function Form({ row, onClose, onMade }: Omit<RotateDialogProps, "opened">) {
  const t = useT();
  const { rotate } = useKeyActs(useWorkspace().id);
  const [hours, setHours] = useState<number>(DEFAULT_HOURS);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rotate.mutate({ key: row.id, hours }, { onSuccess: onMade });
  };
  const label = (value: number) =>
    value === 0 ? t("key.overlap_none") : value < 48 ? t("key.overlap_hours", { count: value }) : t("key.overlap_days", { count: value / 24 });
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text c="var(--text-2)">{t("key.rotate_text")}</Text>
        <Select
          label={t("key.overlap_label")}
          value={String(hours)}
          onChange={(value) => {
            setHours(Number(value ?? DEFAULT_HOURS));
          }}
          data={HOURS.map((value) => ({ value: String(value), label: label(value) }))}
          allowDeselect={false}
          data-autofocus
        />
        <ErrorNotice error={rotate.error} />
        <FormButtons act={t("key.rotate")} busy={rotate.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
