import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { modelsQuery } from "@/api/queries";

interface ModelSelectProps {
  workspace: string;
  label: string;
  description?: string;
  /** What no model is called. */
  none: string;
  value: string | null;
  onChange: (model: string | null) => void;
  error?: string;
}

/** One model that chats, of those of a workspace, or none. */
export function ModelSelect({ workspace, label, description, none, value, onChange, error }: ModelSelectProps) {
  const models = useQuery({ ...modelsQuery(workspace), enabled: workspace !== "" }).data ?? [];
  const chatting = models.filter((model) => model.endpoints.includes("chat") && model.output_modalities.includes("text"));
  const data = chatting.map((model) => ({ value: model.id, label: model.name }));
  // One that is gone still stands there until another is chosen.
  if (value !== null && !data.some((one) => one.value === value)) data.unshift({ value, label: value });
  return (
    <NativeSelect
      label={label}
      description={description}
      error={error}
      value={value ?? ""}
      onChange={(event) => {
        onChange(event.currentTarget.value === "" ? null : event.currentTarget.value);
      }}
      data={[{ value: "", label: none }, ...data]}
    />
  );
}
