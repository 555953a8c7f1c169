import { TextInput } from "@mantine/core";
import type { ReactNode } from "react";

import { useT } from "@/locales";

/** The name of something a person keeps, first in its dialog. */
export function NameField({ value, error, onChange }: { value: string; error?: ReactNode; onChange: (name: string) => void }) {
  const t = useT();
  return (
    <TextInput
      label={t("shelf.name")}
      required
      maxLength={80}
      value={value}
      error={error}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
      data-autofocus
    />
  );
}
