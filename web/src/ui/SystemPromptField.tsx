import { Textarea } from "@mantine/core";
import type { ReactNode } from "react";

interface SystemPromptFieldProps {
  label: string;
  description?: string;
  value: string;
  error?: ReactNode;
  onChange: (value: string) => void;
}

/** What a model is told before every chat. */
export function SystemPromptField({ label, description, value, error, onChange }: SystemPromptFieldProps) {
  return (
    <Textarea
      label={label}
      description={description}
      autosize
      minRows={3}
      maxRows={12}
      value={value}
      error={error}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}
