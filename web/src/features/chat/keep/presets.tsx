import { Button } from "@mantine/core";
import { IconAdjustments } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { type ChatParameters, type Preset, presetsQuery } from "@/api/chats";
import { modelsQuery } from "@/api/queries";
import { type Key, type Translate, useT } from "@/locales";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { Result } from "@/ui/Result";
import { RowsSkeleton } from "@/ui/skeletons";
import { undoToast } from "@/ui/undo";
import { useWorkspace } from "@/ui/workspace";
import styles from "./keep.module.css";
import { Page } from "./Page";
import { PresetDialog } from "./PresetDialog";
import { usePresetActs } from "./queries";
import { RowActs } from "./RowActs";

/** Models with a system prompt and parameters, under names. */
export default function PresetsPage() {
  const t = useT();
  const { id } = useWorkspace();
  const presets = useQuery(presetsQuery(id));
  const models = useQuery(modelsQuery(id)).data ?? [];
  const { create, remove } = usePresetActs(id);
  const [edited, setEdited] = useState<Preset | "new" | null>(null);
  const make = (
    <Button
      onClick={() => {
        setEdited("new");
      }}
    >
      {t("keep.preset_create")}
    </Button>
  );
  const removeOne = (preset: Preset) => {
    remove.mutate(preset.id, {
      onSuccess: () => {
        undoToast(t("keep.preset_deleted", { name: preset.name }), t("shelf.undo"), () => {
          const { name, model, system_prompt, parameters } = preset;
          create.mutate({ name, model, system_prompt, parameters });
        });
      },
    });
  };
  return (
    <Page title={t("keep.presets")} lead={t("keep.presets_lead")} actions={presets.data?.length ? make : undefined}>
      <ErrorNotice error={remove.error ?? create.error} />
      <Result query={presets} skeleton={<RowsSkeleton rows={4} />}>
        {(rows) =>
          rows.length === 0 ? (
            <div className={styles.panel}>
              <EmptyState icon={IconAdjustments} title={t("keep.no_presets")} action={make}>
                {t("keep.no_presets_text")}
              </EmptyState>
            </div>
          ) : (
            <ul className={styles.list} aria-label={t("keep.presets")}>
              {rows.map((preset) => (
                <li key={preset.id}>
                  <div className={styles.item}>
                    <h2>{preset.name}</h2>
                    <p className={styles.marks}>
                      {preset.model === null ? t("keep.any_model") : (models.find((one) => one.id === preset.model)?.name ?? preset.model)}
                      {said(preset.parameters, t).map((one) => (
                        <code key={one}>{one}</code>
                      ))}
                    </p>
                    {preset.system_prompt !== "" && <p className={styles.text}>{preset.system_prompt}</p>}
                  </div>
                  <RowActs
                    of={preset.name}
                    removing={remove.isPending && remove.variables === preset.id}
                    onEdit={() => {
                      setEdited(preset);
                    }}
                    onRemove={() => {
                      removeOne(preset);
                    }}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Result>
      <PresetDialog
        workspace={id}
        edited={edited}
        onClose={() => {
          setEdited(null);
        }}
      />
    </Page>
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
