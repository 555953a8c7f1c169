import { IconAdjustments } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { type ChatParameters, presetsQuery } from "@/api/chats";
import { modelsQuery } from "@/api/queries";
import { type Key, type Translate, useT } from "@/locales";
import { useWorkspace } from "@/ui/workspace";
import styles from "./keep.module.css";
import { Kept } from "./Kept";
import { PresetForm } from "./PresetForm";
import { usePresetActs } from "./queries";

/** Models with a system prompt and parameters, under names. */
export default function PresetsPage() {
  const t = useT();
  const { id } = useWorkspace();
  const models = useQuery(modelsQuery(id)).data ?? [];
  return (
    <Kept
      kind="preset"
      icon={IconAdjustments}
      query={useQuery(presetsQuery(id))}
      acts={usePresetActs(id)}
      again={({ name, model, system_prompt, parameters }) => ({ name, model, system_prompt, parameters })}
      Form={PresetForm}
      body={(preset) => (
        <>
          <p className={styles.marks}>
            {preset.model === null ? t("keep.any_model") : (models.find((one) => one.id === preset.model)?.name ?? preset.model)}
            {said(preset.parameters, t).map((one) => (
              <code key={one}>{one}</code>
            ))}
          </p>
          {preset.system_prompt !== "" && <p className={styles.text}>{preset.system_prompt}</p>}
        </>
      )}
    />
  );
}

const NAMES = ["temperature", "top_p", "max_tokens", "reasoning_effort"] as const;

/** Return what is set, as words: "Temperature 0.2". */
function said(parameters: ChatParameters, t: Translate): string[] {
  return NAMES.flatMap((name) => {
    const value = parameters[name];
    if (value === null || value === undefined) return [];
    const shown = name === "reasoning_effort" ? (t as (key: Key) => string)(`parameter.effort_${String(value)}` as Key) : String(value);
    return [`${t(`parameter.${name}`)} ${shown}`];
  });
}
