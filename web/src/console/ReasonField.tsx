import { Textarea } from "@mantine/core";

import { useT } from "@/locales";

interface ReasonFieldProps {
  value: string;
  onChange: (reason: string) => void;
  error?: string | undefined;
  /** A dialog that asks for nothing else begins here. */
  autofocus?: boolean;
}

/** Why somebody of the staff does something: part of every act, kept in the audit log. */
export function ReasonField({ value, onChange, error, autofocus = false }: ReasonFieldProps) {
  const t = useT();
  return (
    <Textarea
      label={t("console.reason")}
      description={t("console.reason_hint")}
      value={value}
      required
      withAsterisk={false}
      maxLength={500}
      autosize
      minRows={2}
      error={error}
      {...(autofocus && { "data-autofocus": true })}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}
