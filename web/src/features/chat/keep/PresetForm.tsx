import { Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";

import type { ChatParameters, Preset } from "@/api/chats";
import { fieldErrors } from "@/lib/fields";
import { useT } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { FormButtons } from "@/ui/FormButtons";
import { ModelSelect } from "@/ui/ModelSelect";
import { NameField } from "@/ui/NameField";
import { ParameterFields } from "@/ui/ParameterFields";
import { SystemPromptField } from "@/ui/SystemPromptField";
import { toast } from "@/ui/toast";
import type { FormProps } from "./Kept";
import { usePresetActs } from "./queries";

export function PresetForm({ workspace, kept: preset, onClose }: FormProps<Preset>) {
  const t = useT();
  const { create, change } = usePresetActs(workspace);
  const [name, setName] = useState(preset?.name ?? "");
  const [model, setModel] = useState(preset?.model ?? null);
  const [prompt, setPrompt] = useState(preset?.system_prompt ?? "");
  const [parameters, setParameters] = useState<ChatParameters>(preset?.parameters ?? {});
  const act = preset === null ? create : change;
  const wrong = fieldErrors(act.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { name: name.trim(), model, system_prompt: prompt, parameters };
    if (body.name === "") return;
    const done = {
      onSuccess: () => {
        toast(t("keep.saved"));
        onClose();
      },
    };
    if (preset === null) create.mutate(body, done);
    else change.mutate({ preset: preset.id, body }, done);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <NameField value={name} error={wrong.name} onChange={setName} />
        <ModelSelect workspace={workspace} label={t("keep.model")} none={t("keep.any_model")} value={model} onChange={setModel} error={wrong.model} />
        <SystemPromptField label={t("keep.system_prompt")} value={prompt} error={wrong.system_prompt} onChange={setPrompt} />
        <ParameterFields value={parameters} onChange={setParameters} errors={wrong} />
        {Object.keys(wrong).length === 0 && <ErrorNotice error={act.error} />}
        <FormButtons act={t(preset === null ? "keep.preset_create" : "shelf.save")} busy={act.isPending} onCancel={onClose} />
      </Stack>
    </form>
  );
}
